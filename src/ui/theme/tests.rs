use super::*;

/// The 16 colours as a terminal defines them, and the default letters on each default background.
struct Terminal {
    name: &'static str,
    colors: [u32; 16],
    /// Background and letters.
    dark: (u32, u32),
    light: (u32, u32),
    /// Whether bold letters of the first eight colours take the other eight.
    bold_brightens: bool,
}

const SOLARIZED: [u32; 16] = [
    0x0007_3642,
    0x00dc_322f,
    0x0085_9900,
    0x00b5_8900,
    0x0026_8bd2,
    0x00d3_3682,
    0x002a_a198,
    0x00ee_e8d5,
    0x0000_2b36,
    0x00cb_4b16,
    0x0058_6e75,
    0x0065_7b83,
    0x0083_9496,
    0x006c_71c4,
    0x0093_a1a1,
    0x00fd_f6e3,
];
const XTERM: [u32; 16] = [
    0x0000_0000,
    0x00cd_0000,
    0x0000_cd00,
    0x00cd_cd00,
    0x0000_00ee,
    0x00cd_00cd,
    0x0000_cdcd,
    0x00e5_e5e5,
    0x007f_7f7f,
    0x00ff_0000,
    0x0000_ff00,
    0x00ff_ff00,
    0x005c_5cff,
    0x00ff_00ff,
    0x0000_ffff,
    0x00ff_ffff,
];
const LINUX: [u32; 16] = [
    0x0000_0000,
    0x00aa_0000,
    0x0000_aa00,
    0x00aa_5500,
    0x0000_00aa,
    0x00aa_00aa,
    0x0000_aaaa,
    0x00aa_aaaa,
    0x0055_5555,
    0x00ff_5555,
    0x0055_ff55,
    0x00ff_ff55,
    0x0055_55ff,
    0x00ff_55ff,
    0x0055_ffff,
    0x00ff_ffff,
];
const TANGO: [u32; 16] = [
    0x002e_3436,
    0x00cc_0000,
    0x004e_9a06,
    0x00c4_a000,
    0x0034_65a4,
    0x0075_507b,
    0x0006_989a,
    0x00d3_d7cf,
    0x0055_5753,
    0x00ef_2929,
    0x008a_e234,
    0x00fc_e94f,
    0x0072_9fcf,
    0x00ad_7fa8,
    0x0034_e2e2,
    0x00ee_eeec,
];
const WINDOWS: [u32; 16] = [
    0x000c_0c0c,
    0x00c5_0f1f,
    0x0013_a10e,
    0x00c1_9c00,
    0x0000_37da,
    0x0088_1798,
    0x003a_96dd,
    0x00cc_cccc,
    0x0076_7676,
    0x00e7_4856,
    0x0016_c60c,
    0x00f9_f1a5,
    0x003b_78ff,
    0x00b4_009e,
    0x0061_d6d6,
    0x00f2_f2f2,
];
const BLACK: (u32, u32) = (0x0000_0000, 0x00e5_e5e5);
const WHITE: (u32, u32) = (0x00ff_ffff, 0x0000_0000);

const TERMINALS: [Terminal; 6] = [
    Terminal { name: "xterm", colors: XTERM, dark: BLACK, light: WHITE, bold_brightens: false },
    Terminal {
        name: "xterm, bright",
        colors: XTERM,
        dark: BLACK,
        light: WHITE,
        bold_brightens: true,
    },
    Terminal { name: "Linux", colors: LINUX, dark: BLACK, light: WHITE, bold_brightens: true },
    Terminal { name: "Tango", colors: TANGO, dark: BLACK, light: WHITE, bold_brightens: false },
    Terminal { name: "Windows", colors: WINDOWS, dark: BLACK, light: WHITE, bold_brightens: false },
    Terminal {
        name: "Solarized",
        colors: SOLARIZED,
        dark: (0x0000_2b36, 0x0083_9496),
        light: (0x00fd_f6e3, 0x0065_7b83),
        bold_brightens: true,
    },
];

/// Every role, and whether it carries a state: something that must be read wherever it stands.
const ROLES: [(Role, bool); 19] = [
    (Role::Plain, true),
    (Role::Label, false),
    (Role::Strong, true),
    // A sign says it as well.
    (Role::Gain, false),
    (Role::Loss, false),
    (Role::HeroGain, true),
    (Role::HeroLoss, true),
    // The word STALE stands with it.
    (Role::Stale, false),
    (Role::StaleMark, true),
    (Role::Unknown, true),
    (Role::Good, true),
    (Role::Warn, true),
    (Role::Danger, true),
    (Role::BadgeLive, true),
    (Role::BadgeOther, true),
    (Role::Alarm, true),
    (Role::Focus, true),
    (Role::Border, false),
    (Role::Key, true),
];

/// What letters of the size of a terminal's need, and signs.
const ENOUGH: f64 = 3.0;

#[expect(clippy::disallowed_methods, reason = "a test of colours may use the system's")]
fn luminance(color: u32) -> f64 {
    let channel = |shift: u32| {
        let value = f64::from((color >> shift) & 0xff) / 255.0;
        if value <= 0.039_28 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
}

fn contrast(one: u32, other: u32) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

fn index(color: Color) -> usize {
    use Color::{
        Black, Blue, Cyan, DarkGray, Gray, Green, LightBlue, LightCyan, LightGreen, LightMagenta,
        LightRed, LightYellow, Magenta, Red, White, Yellow,
    };
    let all = [
        Black,
        Red,
        Green,
        Yellow,
        Blue,
        Magenta,
        Cyan,
        Gray,
        DarkGray,
        LightRed,
        LightGreen,
        LightYellow,
        LightBlue,
        LightMagenta,
        LightCyan,
        White,
    ];
    all.iter().position(|known| *known == color).unwrap()
}

/// The contrast of a style on a background with its letters.
fn of(style: Style, terminal: &Terminal, (background, letters): (u32, u32)) -> f64 {
    let bold = style.add_modifier.contains(Modifier::BOLD) && terminal.bold_brightens;
    let color = |color: Color| {
        let index = index(color);
        terminal.colors[if bold && index < 8 { index + 8 } else { index }]
    };
    let front = style.fg.map_or(letters, color);
    contrast(front, style.bg.map_or(background, |color| terminal.colors[index(color)]))
}

fn themes() -> Vec<Theme> {
    let mut themes = Vec::new();
    for palette in [Palette::GreenRed, Palette::RedGreen, Palette::BlueOrange] {
        for name in ThemeName::ALL {
            for background in [Background::Unknown, Background::Dark, Background::Light] {
                for colors in [true, false] {
                    let theme = Theme::new(palette, colors, false);
                    themes.push(theme.named(name).on(background));
                }
            }
        }
    }
    themes
}

/// Bold yellow on white had a contrast of 1.1, the dim marks of a border 2.3 on Solarized.
#[test]
fn what_carries_a_state_can_be_read_on_every_background() {
    let mut bad = Vec::new();
    for theme in themes() {
        for (role, is_state) in ROLES {
            let style = theme.style(role);
            if is_state {
                assert!(!style.add_modifier.contains(Modifier::DIM), "{role:?} is dim: {theme:?}");
                let letters = matches!(style.fg, Some(Color::Yellow | Color::LightYellow));
                assert!(!letters, "{role:?} is yellow letters: {theme:?}");
            }
            for terminal in &TERMINALS {
                // A gain has its colour on the background that the theme was told of, or by default on a dark one.
                let dark = theme.background != Background::Light;
                let light = match theme.background {
                    Background::Light => true,
                    Background::Dark => false,
                    Background::Unknown => is_state,
                };
                let grounds = [(dark, terminal.dark), (light, terminal.light)];
                for (_, ground) in grounds.into_iter().filter(|(counts, _)| *counts) {
                    let found = of(style, terminal, ground);
                    if found < ENOUGH {
                        bad.push(format!(
                            "{found:.1} {role:?} {:06x} {} {style:?} {theme:?}",
                            ground.0, terminal.name
                        ));
                    }
                }
            }
        }
    }
    assert!(bad.is_empty(), "{} too weak:\n{}", bad.len(), bad.join("\n"));
}

#[test]
fn three_weights_stand_apart_in_every_theme() {
    let is_block =
        |style: Style| style.add_modifier.contains(Modifier::REVERSED) || style.bg.is_some();
    for theme in themes() {
        for hero in [Role::HeroGain, Role::HeroLoss] {
            assert!(is_block(theme.style(hero)), "{hero:?} {theme:?}");
        }
        let [label, figure] = [Role::Label, Role::Plain].map(|role| theme.style(role));
        assert_ne!(label.add_modifier, figure.add_modifier, "{theme:?}");
        assert!(!is_block(label) && !is_block(figure), "{theme:?}");
    }
}

#[test]
fn without_colours_nothing_has_a_colour_and_badges_stay_blocks() {
    for theme in themes().into_iter().filter(|theme| !theme.colors) {
        for (role, _) in ROLES {
            assert_eq!((theme.style(role).fg, theme.style(role).bg), (None, None), "{role:?}");
        }
        for role in [Role::BadgeLive, Role::BadgeOther, Role::Alarm, Role::Warn, Role::HeroLoss] {
            assert!(theme.style(role).add_modifier.contains(Modifier::REVERSED));
        }
    }
    let mono = Theme::new(Palette::GreenRed, true, false).named(ThemeName::Mono);
    assert_eq!(mono.style(Role::Alarm).bg, None);
}

#[test]
fn palettes_choose_the_colours_of_gain_and_loss() {
    let pair = |palette, background| {
        let theme = Theme::new(palette, true, false).on(background);
        (theme.style(Role::Gain).fg.unwrap(), theme.style(Role::Loss).fg.unwrap())
    };
    let dark = |palette| pair(palette, Background::Dark);
    assert_eq!(dark(Palette::GreenRed), (Color::Green, Color::LightRed));
    assert_eq!(dark(Palette::RedGreen), (Color::LightRed, Color::Green));
    assert_eq!(dark(Palette::BlueOrange), (Color::LightBlue, Color::Yellow));
    let light = |palette| pair(palette, Background::Light);
    assert_eq!(light(Palette::GreenRed), (Color::Blue, Color::Red));
    assert_eq!(light(Palette::RedGreen), (Color::Red, Color::Blue));
    assert_eq!(light(Palette::BlueOrange), (Color::Blue, Color::Red));
}

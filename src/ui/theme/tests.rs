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
    0x07_36_42, 0xdc_32_2f, 0x85_99_00, 0xb5_89_00, 0x26_8b_d2, 0xd3_36_82, 0x2a_a1_98, 0xee_e8_d5,
    0x00_2b_36, 0xcb_4b_16, 0x58_6e_75, 0x65_7b_83, 0x83_94_96, 0x6c_71_c4, 0x93_a1_a1, 0xfd_f6_e3,
];
const XTERM: [u32; 16] = [
    0x00_00_00, 0xcd_00_00, 0x00_cd_00, 0xcd_cd_00, 0x00_00_ee, 0xcd_00_cd, 0x00_cd_cd, 0xe5_e5_e5,
    0x7f_7f_7f, 0xff_00_00, 0x00_ff_00, 0xff_ff_00, 0x5c_5c_ff, 0xff_00_ff, 0x00_ff_ff, 0xff_ff_ff,
];
const LINUX: [u32; 16] = [
    0x00_00_00, 0xaa_00_00, 0x00_aa_00, 0xaa_55_00, 0x00_00_aa, 0xaa_00_aa, 0x00_aa_aa, 0xaa_aa_aa,
    0x55_55_55, 0xff_55_55, 0x55_ff_55, 0xff_ff_55, 0x55_55_ff, 0xff_55_ff, 0x55_ff_ff, 0xff_ff_ff,
];
const TANGO: [u32; 16] = [
    0x2e_34_36, 0xcc_00_00, 0x4e_9a_06, 0xc4_a0_00, 0x34_65_a4, 0x75_50_7b, 0x06_98_9a, 0xd3_d7_cf,
    0x55_57_53, 0xef_29_29, 0x8a_e2_34, 0xfc_e9_4f, 0x72_9f_cf, 0xad_7f_a8, 0x34_e2_e2, 0xee_ee_ec,
];
const WINDOWS: [u32; 16] = [
    0x0c_0c_0c, 0xc5_0f_1f, 0x13_a1_0e, 0xc1_9c_00, 0x00_37_da, 0x88_17_98, 0x3a_96_dd, 0xcc_cc_cc,
    0x76_76_76, 0xe7_48_56, 0x16_c6_0c, 0xf9_f1_a5, 0x3b_78_ff, 0xb4_00_9e, 0x61_d6_d6, 0xf2_f2_f2,
];
const BLACK: (u32, u32) = (0x00_00_00, 0xe5_e5_e5);
const WHITE: (u32, u32) = (0xff_ff_ff, 0x00_00_00);

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
        dark: (0x00_2b_36, 0x83_94_96),
        light: (0xfd_f6_e3, 0x65_7b_83),
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

use super::*;
use crate::ui::terminal_colors::{READABLE, Rgb, contrast, dimmed};

/// The 16 colours as a terminal defines them, and the default letters on each default background.
struct Terminal {
    name: &'static str,
    colors: [u32; 16],
    /// Background and letters.
    dark: (u32, u32),
    light: (u32, u32),
    /// Whether bold letters of the first eight colours take the other eight.
    bold_brightens: bool,
    /// Whether it tells its colours. What does not shows dim letters in the ninth colour.
    tells: bool,
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
    Terminal {
        name: "xterm",
        colors: XTERM,
        dark: BLACK,
        light: WHITE,
        bold_brightens: false,
        tells: true,
    },
    Terminal {
        name: "xterm, bright",
        colors: XTERM,
        dark: BLACK,
        light: WHITE,
        bold_brightens: true,
        tells: true,
    },
    Terminal {
        name: "Linux",
        colors: LINUX,
        dark: BLACK,
        light: WHITE,
        bold_brightens: true,
        tells: false,
    },
    Terminal {
        name: "Tango",
        colors: TANGO,
        dark: BLACK,
        light: WHITE,
        bold_brightens: false,
        tells: true,
    },
    Terminal {
        name: "Windows",
        colors: WINDOWS,
        dark: BLACK,
        light: WHITE,
        bold_brightens: false,
        tells: true,
    },
    Terminal {
        name: "Solarized",
        colors: SOLARIZED,
        dark: (0x0000_2b36, 0x0083_9496),
        light: (0x00fd_f6e3, 0x0065_7b83),
        bold_brightens: true,
        tells: true,
    },
];

/// What a role must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// A figure: as readable as the terminal's own letters, if those are no more than `COMFORTABLE`.
    Figure,
    /// It carries a state, or says what a figure is, and must be read wherever it stands.
    Read,
    /// It has a colour for the background that the theme was told of, or for a dark one; a sign says it as well.
    Colour,
    /// Nothing to be read.
    Seen,
}

const ROLES: [(Role, Need); 19] = [
    (Role::Plain, Need::Figure),
    (Role::Label, Need::Read),
    (Role::Strong, Need::Figure),
    (Role::Gain, Need::Colour),
    (Role::Loss, Need::Colour),
    (Role::HeroGain, Need::Read),
    (Role::HeroLoss, Need::Read),
    (Role::Stale, Need::Read),
    (Role::StaleMark, Need::Read),
    (Role::Unknown, Need::Figure),
    (Role::Good, Need::Read),
    (Role::Warn, Need::Read),
    (Role::Danger, Need::Read),
    (Role::BadgeLive, Need::Read),
    (Role::BadgeOther, Need::Read),
    (Role::Alarm, Need::Read),
    (Role::Focus, Need::Read),
    (Role::Border, Need::Seen),
    (Role::Key, Need::Figure),
];

/// What WCAG 2 asks for of letters of usual size.
const COMFORTABLE: f64 = 4.5;
/// The colour in which a terminal that mixes none shows dim letters.
const GREY: usize = 8;

/// Returns a colour in thousandths.
fn rgb(color: u32) -> Rgb {
    Rgb([16, 8, 0].map(|shift| ((color >> shift) & 0xff) * 1_000 / 255))
}

fn ground((background, letters): (u32, u32)) -> TerminalColors {
    TerminalColors { letters: Some(rgb(letters)), background: Some(rgb(background)) }
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
    let color = |color: Color, brighter| {
        let index = index(color);
        rgb(terminal.colors[if brighter && index < 8 { index + 8 } else { index }])
    };
    let front = style.fg.map_or_else(|| rgb(letters), |front| color(front, bold));
    let back = style.bg.map_or_else(|| rgb(background), |back| color(back, false));
    // Dim letters in a colour are another matter on every terminal.
    let front = match (style.add_modifier.contains(Modifier::DIM), terminal.tells) {
        (false, _) => front,
        (true, true) => dimmed(front, back),
        (true, false) => rgb(terminal.colors[GREY]),
    };
    contrast(front, back)
}

fn themes() -> Vec<Theme> {
    let mut themes = Vec::new();
    for palette in [Palette::GreenRed, Palette::RedGreen, Palette::BlueOrange] {
        for name in ThemeName::ALL {
            for colors in [true, false] {
                themes.push(Theme::new(palette, colors, false).named(name));
            }
        }
    }
    themes
}

/// A theme after each of the answers that a terminal with these colours may give.
fn told(theme: Theme, terminal: &Terminal, colors: (u32, u32)) -> Vec<Theme> {
    let both = ground(colors);
    let answers = [TerminalColors::default(), TerminalColors { letters: None, ..both }, both];
    let count = if terminal.tells { answers.len() } else { 1 };
    answers.into_iter().take(count).map(|ground| theme.on(ground)).collect()
}

/// Bold yellow on white had a contrast of 1.1, the dim marks of a border 2.3 on Solarized, and dim labels and figures
/// that are stale 1.9.
#[test]
fn what_must_be_read_can_be_read_on_every_background() {
    let mut bad = Vec::new();
    for terminal in &TERMINALS {
        for colors in [terminal.dark, terminal.light] {
            let own = contrast(rgb(colors.0), rgb(colors.1));
            let is_dark = ground(colors).background() == Background::Dark;
            for theme in themes().into_iter().flat_map(|theme| told(theme, terminal, colors)) {
                for (role, need) in ROLES {
                    let is_told = theme.background != Background::Unknown || is_dark;
                    let least = match need {
                        Need::Figure => COMFORTABLE.min(own),
                        Need::Read => READABLE,
                        Need::Colour if is_told => READABLE,
                        Need::Colour | Need::Seen => continue,
                    };
                    let found = of(theme.style(role), terminal, colors);
                    if found < least {
                        let (name, behind) = (terminal.name, colors.0);
                        bad.push(format!("{found:.1} {role:?} {behind:06x} {name} {theme:?}"));
                    }
                }
            }
        }
    }
    assert!(bad.is_empty(), "{} too weak:\n{}", bad.len(), bad.join("\n"));
}

/// Where dim letters can be read the labels are, so that the figures stand out from them; an answer about one of
/// the two colours says nothing of that.
#[test]
fn labels_are_dim_where_dim_letters_can_be_read() {
    let is_dim = |theme: Theme| theme.style(Role::Label).add_modifier.contains(Modifier::DIM);
    for terminal in &TERMINALS {
        for colors in [terminal.dark, terminal.light] {
            let theme = Theme::new(Palette::GreenRed, true, false);
            let dims = told(theme, terminal, colors).into_iter().map(is_dim).collect::<Vec<_>>();
            let wanted: &[bool] = match terminal.name {
                "Linux" => &[false],
                "Solarized" => &[false, false, false],
                _ => &[false, false, true],
            };
            assert_eq!(dims, wanted, "{}", terminal.name);
        }
    }
}

#[test]
fn what_carries_a_state_is_neither_dim_nor_yellow_letters() {
    for theme in themes().into_iter().flat_map(|theme| told(theme, &TERMINALS[0], BLACK)) {
        for (role, need) in ROLES {
            let style = theme.style(role);
            if matches!(need, Need::Figure | Need::Read)
                && !matches!(role, Role::Label | Role::Stale)
            {
                assert!(!style.add_modifier.contains(Modifier::DIM), "{role:?} is dim: {theme:?}");
                let letters = matches!(style.fg, Some(Color::Yellow | Color::LightYellow));
                assert!(!letters, "{role:?} is yellow letters: {theme:?}");
            }
            // The Linux console shows italic letters as green, which is a gain.
            assert!(!style.add_modifier.contains(Modifier::ITALIC), "{role:?}: {theme:?}");
        }
    }
}

#[test]
fn three_weights_stand_apart_in_every_theme() {
    let is_block =
        |style: Style| style.add_modifier.contains(Modifier::REVERSED) || style.bg.is_some();
    for theme in themes().into_iter().flat_map(|theme| told(theme, &TERMINALS[0], BLACK)) {
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
    let pair = |palette, colors| {
        let theme = Theme::new(palette, true, false).on(ground(colors));
        (theme.style(Role::Gain).fg.unwrap(), theme.style(Role::Loss).fg.unwrap())
    };
    let dark = |palette| pair(palette, BLACK);
    assert_eq!(dark(Palette::GreenRed), (Color::Green, Color::LightRed));
    assert_eq!(dark(Palette::RedGreen), (Color::LightRed, Color::Green));
    assert_eq!(dark(Palette::BlueOrange), (Color::LightBlue, Color::Yellow));
    let light = |palette| pair(palette, WHITE);
    assert_eq!(light(Palette::GreenRed), (Color::Blue, Color::Red));
    assert_eq!(light(Palette::RedGreen), (Color::Red, Color::Blue));
    assert_eq!(light(Palette::BlueOrange), (Color::Blue, Color::Red));
}

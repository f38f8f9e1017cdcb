//! The picture that an authenticator app reads.

use std::fmt::Write;

use qrcodegen::{QrCode, QrCodeEcc};

/// The quiet margin in squares (ISO/IEC 18004).
const MARGIN: i32 = 4;

/// Draws a text: the dark squares as the data of an SVG path, and the width of the picture in squares. `None` if the text is
/// too long.
pub(super) fn draw(text: &str) -> Option<(String, u32)> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
            let run = i32::try_from(run).ok()?;
            if run > 0 {
                write!(path, "M{} {}h{run}v1h-{run}z", x + MARGIN, y + MARGIN).ok()?;
            }
            x += run.max(1);
        }
    }
    Some((path, u32::try_from(code.size() + 2 * MARGIN).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picture_holds_every_dark_square_within_its_margin() {
        let code = QrCode::encode_text("otpauth://totp/Foyer", QrCodeEcc::Medium).unwrap();
        let dark = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y))).filter(|(x, y)| code.get_module(*x, *y)).count();
        let (path, size) = draw("otpauth://totp/Foyer").unwrap();
        let runs = path.split('h').skip(1).step_by(2).map(|rest| rest.split('v').next().unwrap().parse::<usize>().unwrap());
        assert_eq!(runs.sum::<usize>(), dark);
        assert_eq!(i32::try_from(size).unwrap(), code.size() + 8);
        assert!(path.starts_with("M4 4h7v1h-7z"), "the finder in the corner: {path}");
    }
}

//! Colours in OKLCH, as the web pages' tokens have them, for a PDF in sRGB.

use krilla::color::rgb::Color;

/// A colour of even lightness over all hues (Björn Ottosson, "A perceptual color space for image processing", 2020).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Oklch {
    /// 0 black to 1 white.
    pub lightness: f32,
    /// 0 grey to about 0.37.
    pub chroma: f32,
    /// In degrees.
    pub hue: f32,
}

impl Oklch {
    /// The nearest sRGB colour of the same lightness and hue: chroma gives way, as browsers do it.
    pub fn to_srgb(self) -> Color {
        let (mut low, mut high) = (0.0, self.chroma);
        let mut fitting = self;
        if !fitting.is_in_gamut() {
            for _ in 0..12 {
                fitting.chroma = f32::midpoint(low, high);
                if fitting.is_in_gamut() { low = fitting.chroma } else { high = fitting.chroma }
            }
            fitting.chroma = low;
        }
        let [red, green, blue] = fitting.linear().map(encode);
        Color::new(red, green, blue)
    }

    fn is_in_gamut(self) -> bool {
        self.linear().iter().all(|channel| (-0.0005..=1.0005).contains(channel))
    }

    /// Linear-light red, green and blue; outside of 0 to 1 when sRGB cannot show the colour.
    fn linear(self) -> [f32; 3] {
        let (sine, cosine) = self.hue.to_radians().sin_cos();
        let (a, b) = (self.chroma * cosine, self.chroma * sine);
        let long = (self.lightness + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
        let medium = (self.lightness - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
        let short = (self.lightness - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
        [
            4.076_741_7 * long - 3.307_711_6 * medium + 0.230_969_94 * short,
            -1.268_438 * long + 2.609_757_4 * medium - 0.341_319_38 * short,
            -0.004_196_086_3 * long - 0.703_418_6 * medium + 1.707_614_7 * short,
        ]
    }
}

/// Gamma of IEC 61966-2-1, to the nearest of 256 steps.
fn encode(linear: f32) -> u8 {
    let clamped = linear.clamp(0.0, 1.0);
    let encoded = if clamped <= 0.003_130_8 { clamped * 12.92 } else { 1.055 * clamped.powf(1.0 / 2.4) - 0.055 };
    let wanted = (encoded * 255.0).round();
    // There is no checked conversion from a float; 256 steps are soon walked.
    (0..=u8::MAX).find(|step| f32::from(*step) >= wanted).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn srgb(lightness: f32, chroma: f32, hue: f32) -> [u8; 3] {
        let colour = Oklch { lightness, chroma, hue }.to_srgb();
        [colour.red(), colour.green(), colour.blue()]
    }

    /// WCAG 2.2 contrast with white.
    fn contrast_with_white(colour: Color) -> f32 {
        let linear = |channel: u8| {
            let value = f32::from(channel) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let luminance =
            0.2126 * linear(colour.red()) + 0.7152 * linear(colour.green()) + 0.0722 * linear(colour.blue());
        1.05 / (luminance + 0.05)
    }

    #[test]
    fn known_colours_come_out_as_css_has_them() {
        assert_eq!(srgb(1.0, 0.0, 0.0), [255, 255, 255]);
        assert_eq!(srgb(0.0, 0.0, 0.0), [0, 0, 0]);
        assert_eq!(srgb(0.627_96, 0.257_68, 29.234), [255, 0, 0]);
        assert_eq!(srgb(0.519_75, 0.176_86, 142.495), [0, 128, 0]);
        assert_eq!(srgb(0.452_01, 0.313_21, 264.052), [0, 0, 255]);
    }

    #[test]
    fn white_is_readable_on_the_band_of_every_hue() {
        for hue in 0..360_u16 {
            let band = Oklch { lightness: 0.515, chroma: 0.2, hue: f32::from(hue) }.to_srgb();
            assert!(contrast_with_white(band) >= 4.5, "hue {hue}: {}", contrast_with_white(band));
        }
    }
}

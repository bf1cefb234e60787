//! Uploaded pictures: recognised by content, measured before they are decoded, turned upright, re-encoded.
//!
//! Everything here is work for the processor (up to a second for the largest picture): call it from a blocking task,
//! a few at a time.

use std::io::Cursor;

use fast_image_resize::images::Image;
use fast_image_resize::{IntoImageView, Resizer};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

/// The largest file that is looked at.
pub const UPLOAD_BYTES_MAX: usize = 15 * 1024 * 1024;
/// The longest side; WebP itself ends at 16383.
pub const SIDE_PIXELS_MAX: u32 = 12_000;
/// The largest area: a 48-megapixel phone picture fits, and takes 150 MB in memory while it is decoded.
pub const AREA_PIXELS_MAX: u64 = 50_000_000;
/// The widths that pages ask for. A picture is never enlarged: a smaller one keeps its own width as its largest.
pub const VARIANT_WIDTHS: [u32; 3] = [400, 800, 1600];

/// What a decoder may allocate: [`AREA_PIXELS_MAX`] at four bytes a pixel and some working space.
const DECODER_BYTES_MAX: u64 = AREA_PIXELS_MAX * 4 + 32 * 1024 * 1024;
/// Of libwebp, 0 to 100: no visible loss in photographs at a tenth of the size.
const WEBP_QUALITY: f32 = 80.0;

/// A picture ready to be stored, without anything of the uploaded file but its pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width of the upright original in pixels.
    pub width: u32,
    /// Height of the upright original in pixels.
    pub height: u32,
    /// At least one, in rising width.
    pub variants: Vec<Variant>,
}

/// The picture in one width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// A lossy WebP file.
    pub webp: Vec<u8>,
}

/// Why an upload is not taken; the text is for the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PictureRefusal {
    /// More than [`UPLOAD_BYTES_MAX`].
    #[error("The file has {} MB. Pictures may have up to {} MB.", bytes.div_ceil(1024 * 1024), UPLOAD_BYTES_MAX / 1024 / 1024)]
    TooManyBytes {
        /// Of the file.
        bytes: usize,
    },
    /// Longer than [`SIDE_PIXELS_MAX`] or larger than [`AREA_PIXELS_MAX`].
    #[error("The picture is {width} × {height} pixels. It may have up to {SIDE_PIXELS_MAX} on a side and {} million in all.", AREA_PIXELS_MAX / 1_000_000)]
    TooManyPixels {
        /// Of the picture as stored.
        width: u32,
        /// Of the picture as stored.
        height: u32,
    },
    /// Not a format that we read, whatever its name says.
    #[error("This is not a picture we can read. Use a JPEG, PNG, GIF or WebP file.")]
    UnknownFormat,
    /// A picture that ends early or contradicts itself.
    #[error("The picture is damaged. Open it on your computer, save it again and upload that file.")]
    Damaged,
}

impl PictureRefusal {
    /// A stable word for API clients.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooManyBytes { .. } => "picture_too_many_bytes",
            Self::TooManyPixels { .. } => "picture_too_many_pixels",
            Self::UnknownFormat => "picture_format_unknown",
            Self::Damaged => "picture_damaged",
        }
    }
}

/// Turns an uploaded file into the variants that are stored. Of an animation the first frame is taken.
pub fn process(file: &[u8]) -> Result<Picture, PictureRefusal> {
    let upright = decode(file)?;
    let (width, height) = (upright.width(), upright.height());
    let variants = variant_widths(width)
        .into_iter()
        .map(|target| encode(&resize(&upright, target)?))
        .collect::<Result<Vec<Variant>, PictureRefusal>>()?;
    Ok(Picture { width, height, variants })
}

fn decode(file: &[u8]) -> Result<DynamicImage, PictureRefusal> {
    if file.len() > UPLOAD_BYTES_MAX {
        return Err(PictureRefusal::TooManyBytes { bytes: file.len() });
    }
    let format = recognise(file).ok_or(PictureRefusal::UnknownFormat)?;
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(DECODER_BYTES_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits);
    // Reads headers only; no pixel is decoded before the size is known to be bearable.
    let mut decoder = reader.into_decoder().map_err(|_| PictureRefusal::Damaged)?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(PictureRefusal::Damaged);
    }
    if width.max(height) > SIDE_PIXELS_MAX || u64::from(width) * u64::from(height) > AREA_PIXELS_MAX {
        return Err(PictureRefusal::TooManyPixels { width, height });
    }
    // A broken note about the orientation is no reason to refuse the picture.
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let decoded = DynamicImage::from_decoder(decoder).map_err(|_| PictureRefusal::Damaged)?;
    let has_alpha = decoded.color().has_alpha();
    let mut upright = if has_alpha { decoded.into_rgba8().into() } else { DynamicImage::from(decoded.into_rgb8()) };
    upright.apply_orientation(orientation);
    Ok(upright)
}

/// By the first bytes alone; the name and the declared type of an upload are its sender's words.
fn recognise(file: &[u8]) -> Option<ImageFormat> {
    match file {
        [0xff, 0xd8, 0xff, ..] => Some(ImageFormat::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(ImageFormat::Png),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(ImageFormat::Gif),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(ImageFormat::WebP),
        _ => None,
    }
}

fn variant_widths(width: u32) -> Vec<u32> {
    let mut widths: Vec<u32> = VARIANT_WIDTHS.into_iter().filter(|target| *target < width).collect();
    let largest = VARIANT_WIDTHS.into_iter().max().unwrap_or(width);
    if width <= largest {
        widths.push(width);
    }
    widths
}

fn resize(picture: &DynamicImage, width: u32) -> Result<DynamicImage, PictureRefusal> {
    if width == picture.width() {
        return Ok(picture.clone());
    }
    // Rounded to the nearest, and a very wide strip keeps one row.
    let scaled = (u64::from(picture.height()) * u64::from(width) * 2 + u64::from(picture.width()))
        / (u64::from(picture.width()) * 2);
    let height = u32::try_from(scaled).map_err(|_| PictureRefusal::Damaged)?.max(1);
    let pixel_type = picture.pixel_type().ok_or(PictureRefusal::Damaged)?;
    let mut target = Image::new(width, height, pixel_type);
    Resizer::new().resize(picture, &mut target, None).map_err(|_| PictureRefusal::Damaged)?;
    let bytes = target.into_vec();
    let resized = if picture.color().has_alpha() {
        image::RgbaImage::from_raw(width, height, bytes).map(DynamicImage::from)
    } else {
        image::RgbImage::from_raw(width, height, bytes).map(DynamicImage::from)
    };
    resized.ok_or(PictureRefusal::Damaged)
}

fn encode(picture: &DynamicImage) -> Result<Variant, PictureRefusal> {
    let (width, height) = (picture.width(), picture.height());
    let encoder = if picture.color().has_alpha() {
        webp::Encoder::from_rgba(picture.as_bytes(), width, height)
    } else {
        webp::Encoder::from_rgb(picture.as_bytes(), width, height)
    };
    let webp = encoder.encode_simple(false, WEBP_QUALITY).map_err(|_| PictureRefusal::Damaged)?.to_vec();
    Ok(Variant { width, height, webp })
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use image::{ImageEncoder, Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;

    const RED: Rgb<u8> = Rgb([220, 20, 20]);
    const BLUE: Rgb<u8> = Rgb([20, 20, 220]);

    /// The left third red, the rest blue.
    fn striped(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, _| if x < width / 3 { RED } else { BLUE })
    }

    fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn jpeg_with_exif(picture: &RgbImage, exif: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 95);
        encoder.set_exif_metadata(exif.to_vec()).unwrap();
        encoder.encode_image(picture).unwrap();
        bytes
    }

    /// A little-endian TIFF with the orientation, a GPS directory and a position in clear text.
    fn exif(orientation: u8) -> Vec<u8> {
        let mut bytes = b"II*\0\x08\0\0\0\x02\0".to_vec();
        bytes.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]);
        bytes.extend([0x25, 0x88, 4, 0, 1, 0, 0, 0, 38, 0, 0, 0]);
        bytes.extend([0, 0, 0, 0]);
        bytes.extend([1, 0, 0x1d, 0, 2, 0, 20, 0, 0, 0, 56, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend(b"52.3731N 4.8922E GPS");
        bytes
    }

    fn read(variant: &Variant) -> RgbImage {
        image::load_from_memory_with_format(&variant.webp, ImageFormat::WebP).unwrap().into_rgb8()
    }

    fn is_near(pixel: &Rgb<u8>, expected: Rgb<u8>) -> bool {
        pixel.0.iter().zip(expected.0).all(|(left, right)| left.abs_diff(right) < 40)
    }

    #[test]
    fn a_large_picture_becomes_three_widths() {
        let picture = process(&file(&striped(2000, 1001).into(), ImageFormat::Jpeg)).unwrap();
        assert_eq!((picture.width, picture.height), (2000, 1001));
        let sizes: Vec<(u32, u32)> = picture.variants.iter().map(|variant| (variant.width, variant.height)).collect();
        assert_eq!(sizes, [(400, 200), (800, 400), (1600, 801)]);
        for variant in &picture.variants {
            let pixels = read(variant);
            assert_eq!(pixels.dimensions(), (variant.width, variant.height));
            assert!(is_near(pixels.get_pixel(5, 5), RED) && is_near(pixels.get_pixel(variant.width - 5, 5), BLUE));
            assert_eq!(&variant.webp[12..16], b"VP8 ", "lossy and without any extra chunk");
        }
    }

    #[test]
    fn a_picture_is_never_enlarged() {
        for (width, expected) in
            [(300, vec![300]), (400, vec![400]), (1000, vec![400, 800, 1000]), (1600, vec![400, 800, 1600])]
        {
            let picture = process(&file(&striped(width, 30).into(), ImageFormat::Png)).unwrap();
            let widths: Vec<u32> = picture.variants.iter().map(|variant| variant.width).collect();
            assert_eq!(widths, expected);
        }
    }

    #[test]
    fn all_four_formats_are_read() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
            let picture = process(&file(&striped(90, 60).into(), format)).unwrap();
            assert!(is_near(read(&picture.variants[0]).get_pixel(5, 5), RED), "{format:?}");
        }
    }

    #[test]
    fn the_first_frame_of_an_animation_is_taken() {
        let mut bytes = Vec::new();
        let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
        for colour in [RED, BLUE] {
            let frame = DynamicImage::from(RgbImage::from_pixel(40, 40, colour)).into_rgba8();
            encoder.encode_frame(image::Frame::new(frame)).unwrap();
        }
        drop(encoder);
        let picture = process(&bytes).unwrap();
        assert!(is_near(read(&picture.variants[0]).get_pixel(20, 20), RED));
    }

    #[test]
    fn transparency_stays() {
        let half = RgbaImage::from_fn(600, 100, |x, _| Rgba([10, 200, 10, if x < 300 { 0 } else { 255 }]));
        let picture = process(&file(&half.into(), ImageFormat::Png)).unwrap();
        let pixels = image::load_from_memory(&picture.variants[0].webp).unwrap().into_rgba8();
        assert_eq!((pixels.get_pixel(20, 20)[3], pixels.get_pixel(380, 20)[3]), (0, 255));
    }

    #[test]
    fn sixteen_bit_and_grey_pictures_are_read() {
        let deep = DynamicImage::from(striped(90, 60)).into_rgb16();
        let grey = DynamicImage::from(striped(90, 60)).into_luma8();
        for picture in [DynamicImage::from(deep), DynamicImage::from(grey)] {
            assert!(process(&file(&picture, ImageFormat::Png)).is_ok());
        }
    }

    #[test]
    fn the_place_where_a_photo_was_taken_is_gone() {
        let upload = jpeg_with_exif(&striped(500, 300), &exif(1));
        let has = |bytes: &[u8], needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(has(&upload, b"52.3731N") && has(&upload, b"Exif"), "the sample must carry a position");
        for variant in process(&upload).unwrap().variants {
            for needle in [&b"52.3731N"[..], b"Exif", b"EXIF", b"XMP ", b"ICCP"] {
                assert!(!has(&variant.webp, needle));
            }
        }
    }

    #[test]
    fn all_eight_orientations_come_out_upright() {
        // An upright picture: red left third. The sensor stored it turned; EXIF tells how to turn it back.
        let upright = DynamicImage::from(striped(300, 150));
        let stored = [
            (1, upright.clone()),
            (2, upright.fliph()),
            (3, upright.rotate180()),
            (4, upright.flipv()),
            (5, upright.rotate270().flipv()),
            (6, upright.rotate270()),
            (7, upright.rotate90().flipv()),
            (8, upright.rotate90()),
        ];
        for (orientation, picture) in stored {
            let picture = process(&jpeg_with_exif(&picture.into_rgb8(), &exif(orientation))).unwrap();
            assert_eq!((picture.width, picture.height), (300, 150), "orientation {orientation}");
            let pixels = read(&picture.variants[0]);
            let corners = (is_near(pixels.get_pixel(20, 20), RED), is_near(pixels.get_pixel(280, 130), BLUE));
            assert_eq!(corners, (true, true), "orientation {orientation}");
        }
    }

    /// A valid PNG header that announces a size, and almost no data.
    fn png_of_size(width: u32, height: u32) -> Vec<u8> {
        let mut header = b"IHDR".to_vec();
        header.extend(width.to_be_bytes());
        header.extend(height.to_be_bytes());
        header.extend([8, 6, 0, 0, 0]);
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
        bytes.extend(&header);
        bytes.extend(crc32(&header).to_be_bytes());
        bytes.extend(b"\0\0\0\x00IDAT\x35\xaf\x06\x1e");
        bytes
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
        })
    }

    #[test]
    fn bombs_are_refused_by_their_header_alone() {
        let gif = b"GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff\x2c\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x44\x01\0;"
            .to_vec();
        let started = Instant::now();
        for (bomb, width, height) in [
            (png_of_size(60_000, 60_000), 60_000, 60_000),
            (png_of_size(12_001, 1), 12_001, 1),
            (png_of_size(10_000, 5_001), 10_000, 5_001),
            (gif, 65_535, 65_535),
        ] {
            assert_eq!(process(&bomb), Err(PictureRefusal::TooManyPixels { width, height }));
        }
        assert!(started.elapsed() < Duration::from_millis(200), "{:?}", started.elapsed());
    }

    #[test]
    fn a_header_without_pixels_is_damaged() {
        assert_eq!(process(&png_of_size(5_000, 5_000)), Err(PictureRefusal::Damaged));
        let whole = file(&striped(300, 200).into(), ImageFormat::Png);
        assert_eq!(process(&whole[..whole.len() / 2]), Err(PictureRefusal::Damaged));
    }

    #[test]
    fn large_files_are_refused_unread() {
        let bytes = vec![0xff; UPLOAD_BYTES_MAX + 1];
        assert_eq!(process(&bytes), Err(PictureRefusal::TooManyBytes { bytes: UPLOAD_BYTES_MAX + 1 }));
    }

    #[test]
    fn other_files_are_refused_whatever_they_call_themselves() {
        let others: [&[u8]; 8] = [
            b"",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
            b"<html><img src=x>",
            b"%PDF-1.7",
            b"BM\x46\0\0\0",
            b"II*\0\x08\0\0\0",
            b"\0\0\0\x1cftypheic",
            b"RIFF\0\0\0\0WAVEfmt ",
        ];
        for other in others {
            assert_eq!(process(other), Err(PictureRefusal::UnknownFormat), "{:?}", String::from_utf8_lossy(other));
        }
    }

    #[test]
    fn polyglots_are_damaged_or_lose_their_other_half() {
        let gif_script = b"GIF89a/*\0\0\0*/=1;alert(document.cookie);//".to_vec();
        let jpeg_script = b"\xff\xd8\xff\xe0/*<script>alert(1)</script>*/".to_vec();
        for half in [gif_script, jpeg_script] {
            assert_eq!(process(&half), Err(PictureRefusal::Damaged));
        }
        let mut with_archive = file(&striped(90, 60).into(), ImageFormat::Png);
        with_archive.extend(b"PK\x03\x04<script>alert(1)</script>");
        let picture = process(&with_archive).unwrap();
        assert!(!picture.variants[0].webp.windows(8).any(|window| window == b"<script>"));
    }

    #[test]
    fn a_text_chunk_does_not_survive() {
        let mut bytes = Vec::new();
        let picture = striped(60, 40);
        image::codecs::png::PngEncoder::new(&mut bytes)
            .write_image(picture.as_raw(), 60, 40, image::ExtendedColorType::Rgb8)
            .unwrap();
        let text = b"tEXtAuthor\0Ana Secret";
        let mut chunk = 17_u32.to_be_bytes().to_vec();
        chunk.extend(text);
        chunk.extend(crc32(text).to_be_bytes());
        bytes.splice(33..33, chunk);
        let webp = &process(&bytes).unwrap().variants[0].webp;
        assert!(!webp.windows(6).any(|window| window == b"Secret"));
    }

    #[test]
    fn extreme_strips_keep_a_row_or_a_column() {
        for (width, height) in [(12_000, 1), (1, 12_000)] {
            let picture = process(&file(&RgbImage::from_pixel(width, height, RED).into(), ImageFormat::Png)).unwrap();
            assert!(picture.variants.iter().all(|variant| variant.width > 0 && variant.height > 0));
        }
    }

    #[test]
    fn the_user_reads_what_to_do() {
        let texts = [
            PictureRefusal::TooManyBytes { bytes: 20 * 1024 * 1024 + 1 },
            PictureRefusal::TooManyPixels { width: 60_000, height: 60_000 },
        ]
        .map(|refusal| refusal.to_string());
        assert_eq!(
            texts,
            [
                "The file has 21 MB. Pictures may have up to 15 MB.",
                "The picture is 60000 × 60000 pixels. It may have up to 12000 on a side and 50 million in all.",
            ]
        );
    }
}

// A film of one QR code for Chromium's fake camera, as the server draws the code on the order's page.
import { createWriteStream } from "node:fs";
import { once } from "node:events";

const WIDTH = 640;
const HEIGHT = 480;
const FRAMES = 10;
/** The code's share of the picture's height. */
const SIZE = 0.6;

/** The brightness of each pixel of a picture with the drawing in its middle. */
function paint(page, svg) {
  return page.evaluate(
    async ({ svg, width, height, size }) => {
      const image = new Image();
      image.src = `data:image/svg+xml;base64,${btoa(svg)}`;
      await image.decode();
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      const pen = canvas.getContext("2d");
      pen.fillStyle = "white";
      pen.fillRect(0, 0, width, height);
      const side = Math.round(height * size);
      pen.drawImage(image, (width - side) / 2, (height - side) / 2, side, side);
      const { data } = pen.getImageData(0, 0, width, height);
      let text = "";
      for (let at = 0; at < data.length; at += 4) text += String.fromCharCode(data[at]);
      return btoa(text);
    },
    { svg, width: WIDTH, height: HEIGHT, size: SIZE },
  );
}

/** Writes a .y4m film that shows the first QR code of an order's page. */
export async function filmOf(context, orderUrl, path) {
  const page = await context.newPage();
  await page.goto(orderUrl);
  const svg = await page
    .locator(".qr svg")
    .first()
    .evaluate((node) => {
      const copy = node.cloneNode(true);
      copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
      copy.setAttribute("width", "400");
      copy.setAttribute("height", "400");
      return new XMLSerializer().serializeToString(copy);
    });
  await page.goto("about:blank");
  const luma = Buffer.from(await paint(page, svg), "base64");
  await page.close();
  const grey = Buffer.alloc(WIDTH * HEIGHT / 2, 128);
  const film = createWriteStream(path);
  film.write(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420mpeg2\n`);
  for (let frame = 0; frame < FRAMES; frame += 1) {
    film.write("FRAME\n");
    film.write(luma);
    film.write(grey);
  }
  film.end();
  await once(film, "finish");
}

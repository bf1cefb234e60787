// The islands of the server-rendered pages. Each upgrades working HTML in place; a page is complete without them.
import "./site.css";
import "../design/icons.svg?url";
import { Countdown } from "./countdown";
import { enhanceForms } from "./enhance";
import { showLocalTimes } from "./local-time";
import { Queue } from "./queue";
import { Refresh } from "./refresh";
import { Copy, Share } from "./share";
import { Stepper } from "./stepper";
import { wireThemeButtons } from "./theme";
import { Total } from "./total";

customElements.define("x-stepper", Stepper);
customElements.define("x-total", Total);
customElements.define("x-countdown", Countdown);
customElements.define("x-refresh", Refresh);
customElements.define("x-queue", Queue);
customElements.define("x-share", Share);
customElements.define("x-copy", Copy);
// Large, and on one page only.
if (document.querySelector("x-seats")) {
  void import("./seats").then(({ Seats }) => customElements.define("x-seats", Seats));
}
wireThemeButtons();
enhanceForms();
showLocalTimes(document);

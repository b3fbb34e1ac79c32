// A figure drawn as what it is: a range, with the point in it, and the target as a mark.

import { animate, element } from "./dom.js";

export const EVIDENCE = {
  none: "no answers yet",
  insufficient: "too few answers to judge by",
  indicative: "a first hint: wait for more",
  reportable: "enough answers to rely on",
};
const VERDICT = {
  met: "met: the range lies above it",
  missed: "missed: the range lies below it",
  unproven: "not proven either way",
};

const ends = (score) => (score.unit === "points" ? [-100, 100] : [0, 100]);
const unit = (score) => (score.unit === "points" ? "" : " %");
const whole = (value) => String(Math.round(value)).replace("-", "−");

export const range = (score) =>
  score.interval ? `${whole(score.interval.low)} to ${whole(score.interval.high)}${unit(score)}` : "no answers yet";

function place(track, score) {
  const [from, to] = ends(score);
  const at = (value) => `${(100 * (value - from)) / (to - from)}%`;
  track.classList.toggle("empty", !score.interval);
  track.dataset.verdict = score.target?.verdict ?? "";
  if (score.interval) {
    track.style.setProperty("--low", at(score.interval.low));
    track.style.setProperty("--high", at(score.interval.high));
    track.style.setProperty("--point", at(score.score));
  }
  if (score.target) track.style.setProperty("--target", at(score.target.value));
  track.classList.toggle("aimed", Boolean(score.target));
}

function makeTrack() {
  const track = element("div", "track empty");
  track.append(element("i", "range"), element("i", "target"), element("i", "point"));
  return track;
}

export function miniature() {
  const small = element("span", "mini");
  const track = makeTrack();
  const words = element("small");
  small.append(track, words);
  small.show = (score) => {
    place(track, score);
    words.textContent = score.n ? `${range(score)} · n ${score.n}` : "no answers yet";
    if (small.dataset.n !== undefined && small.dataset.n !== String(score.n)) animate(small, "moved");
    small.dataset.n = score.n;
  };
  return small;
}

function drawBars(bars, histogram) {
  const values = Object.entries(histogram);
  const most = Math.max(1, ...values.map(([, count]) => count));
  while (bars.childElementCount < values.length) {
    const bar = element("span");
    bar.append(element("b"), element("i"), element("small"));
    bars.append(bar);
  }
  values.forEach(([value, count], index) => {
    const [number, column, label] = bars.children[index].children;
    number.textContent = count || "";
    column.style.setProperty("--size", count / most);
    label.textContent = value;
  });
}

export function gauge(title, explained) {
  const root = element("article", "gauge");
  const heading = element("h3", "", title);
  heading.append(element("small", "", explained));
  const figure = element("p", "figure");
  const [point, between, n] = [element("b"), element("span"), element("em")];
  figure.append(point, between, n);
  const track = makeTrack();
  const scale = element("div", "scale");
  const bars = element("div", "bars");
  const evidence = element("p", "evidence");
  const [word, meaning] = [element("b"), element("span")];
  evidence.append(word, meaning);
  const verdict = element("p", "verdict");
  root.append(heading, figure, track, scale, bars, evidence, verdict);
  let before;

  return {
    root,
    show(score, whose) {
      const drawn = JSON.stringify([score.n, score.histogram]);
      if (before?.whose === whose && before.drawn !== drawn) animate(root, "moved");
      before = { whose, drawn };
      point.textContent = score.interval ? `${whole(score.score)}${unit(score)}` : "–";
      between.textContent = score.interval ? `between ${whole(score.interval.low)} and ${whole(score.interval.high)}${unit(score)}` : "";
      n.textContent = `n ${score.n}`;
      place(track, score);
      scale.replaceChildren(...ends(score).map((end) => element("small", "", whole(end) + unit(score))));
      drawBars(bars, score.histogram);
      root.dataset.evidence = score.evidence;
      word.textContent = score.evidence;
      meaning.textContent = EVIDENCE[score.evidence];
      verdict.hidden = !score.target;
      verdict.dataset.verdict = score.target?.verdict ?? "";
      if (score.target) verdict.textContent = `Target ${whole(score.target.value)}${unit(score)} ${VERDICT[score.target.verdict]}`;
    },
  };
}

// One agent's result, as the service gives it, changing as answers come.

import { ask, byId, changed, element } from "./dom.js";
import { EVIDENCE, gauge, range } from "./gauges.js";

const GAUGES = {
  csat: gauge("Satisfaction", "CSAT: share of 4 and 5"),
  ownership: gauge("Willing to help", "ownership: share of 4 and 5"),
  nps: gauge("Would recommend", "NPS: 9–10 less 0–6"),
};
const NOTHING = {
  csat: { unit: "percent", target: { value: 80, verdict: "unproven" }, values: [1, 2, 3, 4, 5] },
  ownership: { unit: "percent", target: null, values: [1, 2, 3, 4, 5] },
  nps: { unit: "points", target: { value: 60, verdict: "unproven" }, values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
};
let data = { rows: [], comments: {}, trouble: null };

export const rowOf = (agent) => data.rows.find((row) => row.agent.id === agent.id);
export const rows = () => data.rows;

export async function readResults() {
  const { ok, body } = await ask("/results.json");
  if (ok) data = body;
}

export function drawResults(agent) {
  const row = rowOf(agent);
  if (!changed("results", [agent, row, data.comments[agent.id], data.trouble])) return;
  byId("who").textContent = agent.name ?? agent.id;
  byId("where").textContent = [agent.team, agent.vendor].filter(Boolean).join(" · ");
  for (const [key, drawing] of Object.entries(GAUGES)) drawing.show(row?.[key] ?? nothing(NOTHING[key]), agent.id);
  drawResponse(row);
  drawComments(data.comments[agent.id] ?? []);
  byId("tab-results").textContent = data.trouble ? "not read" : row ? range(row.csat) : EVIDENCE.none;
}

const nothing = ({ unit, target, values }) => ({
  unit,
  target,
  n: 0,
  interval: null,
  evidence: "none",
  histogram: Object.fromEntries(values.map((value) => [value, 0])),
});

function drawResponse(row) {
  const rate = row?.rates.response;
  const interval = rate?.interval;
  const words = data.trouble
    ? data.trouble
    : interval
      ? `${rate.numerator} of ${rate.denominator} customers answered: between ${Math.round(interval.low)} and ${Math.round(interval.high)} %`
      : "Nobody was asked yet.";
  byId("response").replaceChildren(element("strong", "", "Response "), element("span", "", words));
}

function drawComments(comments) {
  const list = byId("comments");
  const before = list.dataset.newest;
  list.replaceChildren(
    ...comments.map(({ text, language, csat }, index) => {
      const said = element("li", index === 0 && before !== undefined && before !== text ? "new" : "");
      const words = element("q", "", text);
      words.lang = language;
      if (csat) said.append(element("b", csat >= 4 ? "glad" : csat >= 3 ? "so-so" : "cross", csat));
      said.append(words);
      return said;
    }),
  );
  if (!comments.length) list.append(element("li", "hint", "No comments yet."));
  list.dataset.newest = comments[0]?.text ?? "";
}

export function openResults() {
  byId("gauges").append(...Object.values(GAUGES).map((drawing) => drawing.root));
}

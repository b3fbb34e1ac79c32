// The switchboard: whose call is hung up, with which telephone; and what the service decided.

import { ask, byId, changed, clock, element, post, trouble } from "./dom.js";
import { miniature } from "./gauges.js";

const form = byId("call");
const CROWD = 20;
let calls = [];
let crowd = { calls: 0, done: 0 };

export const agent = () => JSON.parse(form.querySelector("[name=agent]:checked").dataset.agent);
export const newestCall = () => calls[0];
const isCalling = () => crowd.done < crowd.calls;
// the last of them are still reading when the last call has ended
const READING = 12000;
let readingUntil = 0;
export const crowdIsAnswering = () => isCalling() || Date.now() < readingUntil;

export function useCustomer(number, language, email) {
  form.phone.value = number ?? "";
  form.email.value = email ?? "";
  if (language) form.language.value = language;
  sayTerms();
}

function sayTerms() {
  const language = form.language.value === "zh-CN" ? "简体中文" : "English";
  const parts = [form.phone.value || form.email.value, `${form.talk.value || "60"} s`, language, form.queue.value, form.stay.checked && "stays"];
  byId("terms").textContent = parts.filter(Boolean).join(" · ");
}

export async function drawCalls() {
  const before = calls.length;
  calls = (await ask("/switchboard/calls.json")).body ?? [];
  if (!changed("calls", calls)) return;
  byId("no-calls").hidden = calls.length > 0;
  byId("tab-board").textContent = calls.length ? `${calls.length} so far` : "start here";
  byId("calls").replaceChildren(
    ...calls.slice(0, 50).map((entry, index) => {
      const row = element("li", entry.kind, entry.words);
      if (index < calls.length - before) row.classList.add("new");
      const who = [entry.call.agent?.name ?? entry.call.agent?.id ?? "No agent", entry.call.customer?.phone];
      row.append(element("small", "", `${clock(entry.at)} · ${who.filter(Boolean).join(" → ")}`));
      return row;
    }),
  );
}

export async function drawCrowd(onRead) {
  const before = isCalling();
  crowd = (await ask("/switchboard/crowd.json")).body ?? crowd;
  if (before && !isCalling()) {
    readingUntil = Date.now() + READING;
    setTimeout(onRead, READING + 50);
  }
  const button = byId("crowd");
  button.disabled = isCalling();
  button.style.setProperty("--done", isCalling() ? crowd.done / crowd.calls : 0);
  button.firstElementChild.textContent = isCalling()
    ? `Call ${crowd.done} of ${crowd.calls} …`
    : `Let ${CROWD} customers answer`;
}

// each agent's satisfaction in small, beside the lamp; agents that were called from elsewhere get a lamp too
export function drawAgents(rows) {
  for (const row of rows) {
    const known = [...form.querySelectorAll("[name=agent]")].find((input) => input.value === row.agent.id);
    const jack = known?.parentElement ?? addAgent(row.agent);
    const small = jack.querySelector(".mini") ?? jack.appendChild(miniature());
    small.show(row.csat);
  }
}

function addAgent({ id, name, team, vendor }) {
  const jack = element("label", "jack");
  const input = element("input");
  Object.assign(input, { type: "radio", name: "agent", value: id });
  input.dataset.agent = JSON.stringify({ id, ...(name && { name }), ...(team && { team }), ...(vendor && { vendor }) });
  const label = element("span", "", name ?? id);
  label.append(element("small", "", [team, vendor].filter(Boolean).join(" · ")));
  jack.append(input, element("i", "lamp"), label);
  byId("agents").append(jack);
  return jack;
}

// `satisfied` is the crowd's alone: the service would refuse a field that it does not know
function called() {
  const { satisfied, ...rest } = agent();
  return { agent: rest, ...(form.queue.value && { queue: form.queue.value }) };
}

async function hangUp(event, onDone) {
  event.preventDefault();
  const button = form.querySelector(".hang-up");
  const talk = form.talk.valueAsNumber;
  const stay = form.stay.checked;
  button.disabled = true;
  try {
    const { ok, status, body } = await post("/switchboard/calls", {
      ...called(),
      phone: form.phone.value.replace(/[\s()-]/g, "") || null,
      email: form.email.value.trim() || null,
      language: form.language.value,
      ...(Number.isFinite(talk) && { talk_seconds: talk }),
      ...(stay && { stay, timed: true }),
    });
    if (stay) trouble(status === 400 ? body?.error : "");
    onDone(ok ? (stay ? { channel: "ivr" } : body?.invitation) : null);
  } finally {
    button.disabled = false;
  }
}

async function callCrowd() {
  byId("crowd").disabled = true;
  const { satisfied } = agent();
  const { ok, body } = await post("/switchboard/crowd", { ...called(), calls: CROWD, ...(satisfied !== undefined && { satisfied }) });
  if (!ok) trouble(body?.error ?? "The crowd did not come.");
  return ok;
}

export function openBoard({ onAgent, onPhone, onEmail, onHungUp, onCrowd }) {
  form.addEventListener("submit", (event) => hangUp(event, onHungUp));
  form.addEventListener("change", (event) => {
    if (event.target.name === "agent") onAgent();
    if (event.target.name === "phone") onPhone(event.target.value.replace(/[\s()-]/g, ""));
    if (event.target.name === "email") onEmail(event.target.value.trim());
    sayTerms();
  });
  byId("crowd").addEventListener("click", async () => (await callCrowd()) && onCrowd());
  sayTerms();
}

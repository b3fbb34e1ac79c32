// The telephone when it rings: answer it, hear what is said as words, press keys, speak by typing.

import { ask, byId, changed, element, post, trouble } from "./dom.js";
import { current, keep, spaced } from "./phone.js";

const panel = byId("talk");
const LIVE = ["queued", "ringing", "in-progress"];
const seen = new Set(); // calls that this page saw alive: the end of another is no news
const away = new Set(); // calls that are over and were put away
const mine = new Map(); // call -> what was pressed and said here, by how much was heard before
let call = null;
let others = [];

const isLive = (one) => LIVE.includes(one.status);
// "ringing", "in-progress", or nothing
export const talking = () => (call && isLive(call) ? call.status : "");
export const ringingElsewhere = () => others.length;

const ENDED = { completed: "Call ended", busy: "Declined", "no-answer": "Missed call", canceled: "They hung up", failed: "The call failed" };

export async function drawTalk() {
  const number = current();
  const { body } = await ask(`/phones/${encodeURIComponent(number)}/calls.json`);
  if (number !== current()) return;
  const calls = body ?? [];
  for (const one of calls) if (isLive(one)) seen.add(one.sid);
  const last = calls.at(-1);
  call = calls.findLast(isLive) ?? (last && seen.has(last.sid) && !away.has(last.sid) ? last : null);
  draw();
}

// the lamps of the other telephones
export async function drawRinging() {
  const live = (await ask("/ringing.json")).body ?? [];
  const numbers = new Set(live.map((one) => one.number));
  others = live.filter((one) => one.number !== current() && one.status === "ringing");
  for (const one of live) keep(one.number);
  for (const button of byId("lines")?.querySelectorAll("button") ?? [])
    button.classList.toggle("rings", numbers.has(button.dataset.number) && button.dataset.number !== current());
}

function draw() {
  if (!changed("talk", [call, mine.get(call?.sid)])) return;
  panel.hidden = !call;
  if (!call) return;
  const { status, waiting } = call;
  const ringing = status === "ringing" || status === "queued";
  panel.dataset.status = ringing ? "ringing" : isLive(call) ? "talking" : "over";
  byId("caller").textContent = spaced(call.direction === "outbound-api" ? call.from : call.to);
  byId("talk-state").textContent = ringing ? "is calling …" : isLive(call) ? hint(waiting) : (ENDED[status] ?? status);
  const listens = waiting?.kind === "record" || waiting?.input?.includes("speech");
  // to a recording one speaks, and there is little room
  byId("keypad").hidden = !isLive(call) || ringing || waiting?.kind === "record";
  byId("say").hidden = !isLive(call) || ringing || !listens;
  for (const [id, shown] of [["decline", ringing], ["answer", ringing], ["leave", isLive(call) && !ringing], ["put-away", !isLive(call)]])
    byId(id).hidden = !shown;
  drawHeard();
}

function hint(waiting) {
  if (waiting?.kind === "record") return "is listening: speak after the tone";
  if (waiting?.kind === "agent") return "the agent is on the line";
  if (waiting?.input === "speech") return "is listening: say it";
  if (waiting?.input?.includes("speech")) return "waits for a key or a word";
  return waiting ? "waits for a key" : "is speaking …";
}

// what they said on the left, what was pressed and said here on the right, as it happened
function drawHeard() {
  const list = byId("heard");
  const own = mine.get(call.sid) ?? [];
  const lines = [];
  call.heard.forEach((words, index) => {
    for (const deed of own) if (deed.after === index) lines.push(element("li", "mine", deed.words));
    lines.push(element("li", words.startsWith("[") ? "sound" : "theirs", words));
  });
  for (const deed of own) if (deed.after >= call.heard.length) lines.push(element("li", "mine", deed.words));
  for (const words of call.trouble) lines.push(element("li", "bad", words));
  list.replaceChildren(...lines);
  list.scrollTop = list.scrollHeight;
}

async function act(deed, order, words) {
  const { sid } = call;
  if (words) {
    const own = mine.get(sid) ?? [];
    mine.set(sid, [...own, { after: call.heard.length, words }]);
    draw();
  }
  const { ok, status, body } = await post(`/phones/${encodeURIComponent(current())}/calls/${sid}/${deed}`, order);
  // 409: the call had ended meanwhile, which is drawn
  trouble(ok || status === 409 ? "" : (body?.error ?? `The telephone did not do that (${status}).`));
  await drawTalk();
}

const press = (digit) => call?.status === "in-progress" && act("press", { digits: digit }, digit);

export function openTalk(onPutAway) {
  byId("answer").addEventListener("click", () => act("answer", { timed: true }));
  byId("decline").addEventListener("click", () => act("reject", {}));
  byId("leave").addEventListener("click", () => act("hangup", {}));
  byId("put-away").addEventListener("click", () => {
    away.add(call.sid);
    call = null;
    draw();
    onPutAway();
  });
  byId("keypad").addEventListener("click", (event) => {
    const key = event.target.closest("button");
    if (key) press(key.value);
  });
  panel.addEventListener("keydown", (event) => {
    if (!event.target.matches("input") && /^[0-9*#]$/.test(event.key)) press(event.key);
  });
  byId("say").addEventListener("submit", (event) => {
    event.preventDefault();
    const { text } = event.target;
    const words = text.value.trim();
    text.value = "";
    if (words) act("speak", { text: words }, words);
  });
}

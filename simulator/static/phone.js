// The telephones: what reached them, and what their owners text back.

import { animate, ask, byId, changed, clock, element, linked, post, trouble } from "./dom.js";

const only = document.body.dataset.only;
const shelf = byId("lines");
const seen = new Map(); // number -> how many messages were looked at
const mine = new Set(); // numbers that were typed or made here
let number = only ?? shelf.querySelector("button").dataset.number;
let messages = [];
let unread = 0;

const PHRASES = {
  en: ["Quick and friendly", "Called twice"],
  "zh-CN": ["很耐心，谢谢", "等了很久"],
};

export const current = () => number;
export const conversation = () => messages;
export const unreadTexts = () => unread;
export const spaced = (value) => value.replace(/^(\+44)(\d{4})(\d+)$/, "$1 $2 $3").replace(/^(\+1)(\d{3})(\d{3})(\d{4})$/, "$1 $2 $3 $4").replace(/^(\+86)(\d{3})(\d{4})(\d{4})$/, "$1 $2 $3 $4");

const shortened = (value) => (value.startsWith("+447700900") ? `… ${value.slice(-6)}` : spaced(value));

// a regulator keeps these for drama: nobody's telephone
const newNumber = () => `+447700900${String(Math.floor(Math.random() * 200)).padStart(3, "0")}`;

export async function drawLines() {
  if (only) return;
  const lines = (await ask("/phones.json")).body ?? [];
  const byNumber = new Map(lines.map((line) => [line.number, line]));
  seen.set(number, byNumber.get(number)?.count ?? 0);
  if (!changed("lines", [lines, number, [...seen]])) return;
  unread = 0;
  const own = [...shelf.querySelectorAll("button")];
  for (const button of own) {
    const line = byNumber.get(button.dataset.number);
    const more = (line?.count ?? 0) - (seen.get(button.dataset.number) ?? 0);
    button.setAttribute("aria-pressed", button.dataset.number === number);
    button.querySelector("small").textContent = line?.last.body ?? "no texts yet";
    button.querySelector("em")?.remove();
    if (more > 0) button.append(element("em", "", more));
    unread += Math.max(0, more);
  }
  drawOthers(lines, own.map((button) => button.dataset.number));
}

function drawOthers(lines, own) {
  const others = lines.map((line) => line.number).filter((other) => !own.includes(other));
  for (const other of [...mine].reverse()) if (!others.includes(other)) others.unshift(other);
  const chosen = !own.includes(number);
  if (chosen && !others.includes(number)) others.unshift(number);
  const select = byId("others");
  if (select.matches(":focus") && select.childElementCount) return; // it may be open
  select.replaceChildren(option("", others.length ? `+ ${others.length} …` : "More …"), option("new", "A new telephone"));
  select.append(...others.slice(0, 60).map((other) => option(other, shortened(other))));
  select.value = chosen ? number : "";
  select.classList.toggle("chosen", chosen);
}

function option(value, words) {
  const made = element("option", "", words);
  made.value = value;
  return made;
}

function remark(message) {
  const parts = [clock(message.at)];
  if (message.by === "carrier") parts.push("the carrier’s own reply");
  else if (message.direction === "to_phone") {
    parts.push(message.error_code ? `${message.status} (${message.error_code})` : message.status);
    if (message.segments > 1) parts.push(`${message.segments} parts`);
  } else {
    const last = message.deliveries.at(-1);
    if (last?.status === null) parts.push("the service can’t be reached");
    else if (last?.status >= 300) parts.push(`the service refused it (${last.status})`);
  }
  return parts.join(" · ");
}

function bubble(message, isNew) {
  const made = element("li", `${message.direction} by-${message.by}`);
  const text = element("p");
  text.append(...linked(message.body));
  const lost = ["failed", "undelivered"].includes(message.status);
  const unheard = message.deliveries.some((delivery) => !(delivery.status && delivery.status < 300));
  made.classList.toggle("lost", lost);
  made.classList.toggle("new", isNew);
  made.append(text, element("small", lost || unheard ? "bad" : "", remark(message)));
  return made;
}

export async function drawMessages() {
  const asked = number;
  const { body } = await ask(`/phones/${encodeURIComponent(asked)}/messages.json`);
  if (asked !== number) return;
  messages = body ?? [];
  byId("number").textContent = spaced(number);
  if (!changed("messages", [number, messages])) return;
  byId("state").textContent = `${messages.length} message${messages.length === 1 ? "" : "s"}`;
  const list = byId("messages");
  const same = list.dataset.number === number;
  const before = same ? Number(list.dataset.count) : messages.length;
  const atEnd = !same || before < messages.length || list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const bubbles = messages.map((message, index) => bubble(message, index >= before));
  if (!messages.length) {
    const quiet = element("li", "quiet");
    quiet.append(element("p", "", "No messages yet. After a call, the survey arrives here."));
    bubbles.push(quiet);
  }
  list.replaceChildren(...bubbles);
  drawKeys();
  if (atEnd) list.scrollTop = list.scrollHeight;
  if (before < messages.length && messages.at(-1).direction === "to_phone") animate(byId("phone"), "ringing");
  list.dataset.number = number;
  list.dataset.count = messages.length;
}

function drawKeys() {
  const last = messages.findLast((message) => message.by === "service");
  const chinese = /\p{Script=Han}/u.test(last?.body ?? "");
  const phrases = PHRASES[chinese ? "zh-CN" : "en"];
  const offered = {
    "1_5": ["5", "4", "3", "2", "1"],
    "0_10": Array.from({ length: 11 }, (_, value) => String(value)),
    "1_3": ["1", "2", "3"],
    "1_6": ["1", "2", "3", "4", "5", "6"],
    "1_7": ["7", "6", "5", "4", "3", "2", "1"],
    words: phrases,
  }[last?.asks] ?? ["5", "9", phrases[0]];
  const keys = [...offered, chinese ? "退订" : "STOP"];
  byId("keys").hidden = !messages.length;
  if (!changed("keys", keys)) return;
  byId("keys").className = `keys ${keys.some((key) => key.length > 4) ? "phrases" : ""}`;
  byId("keys").replaceChildren(
    ...keys.map((key, index) => {
      const button = element("button", index === keys.length - 1 ? "stop" : "", key);
      button.type = "button";
      return button;
    }),
  );
}

async function reply(text) {
  if (!text.trim()) return;
  const { ok, status, body } = await post(`/phones/${encodeURIComponent(number)}/messages`, { body: text });
  trouble(ok || status === 502 ? "" : (body?.error ?? `The text was not sent (${status}).`));
}

export function pick(picked) {
  number = picked;
}

export function keep(typed) {
  mine.add(typed);
}

export function openPhones(onPick) {
  shelf?.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) onPick(button.dataset.number, button.dataset.language, button.dataset.email);
  });
  byId("others")?.addEventListener("change", (event) => {
    const picked = event.target.value === "new" ? newNumber() : event.target.value;
    event.target.blur();
    if (!picked) return;
    mine.add(picked);
    onPick(picked, "");
  });
  byId("keys").addEventListener("click", (event) => {
    if (event.target.matches("button")) reply(event.target.textContent);
  });
  byId("reply").addEventListener("submit", (event) => {
    event.preventDefault();
    const { body } = event.target;
    const text = body.value;
    body.value = "";
    reply(text);
  });
}

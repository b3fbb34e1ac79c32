// The mail client: mailboxes, their mails, and what can be done with one. Mail is seen in a frame that runs nothing.

import { animate, ask, byId, changed, clock, element, linked, post, trouble } from "./dom.js";
import { shownApp } from "./apps.js";

const shelf = byId("boxes");
const seen = new Map(); // address -> how many mails were looked at
let address = shelf?.querySelector("button").dataset.address;
let mails = []; // of this mailbox, the newest first
let opened = null; // the id of the mail that is read; null: the list
let show = "html";
let unread = 0; // in all mailboxes, and in this one
let unreadHere = 0;

export const unreadMails = () => unread;
export const hasNewMail = () => unreadHere > 0;
const path = (mail, what) => `/mailboxes/${encodeURIComponent(address)}/messages/${mail.id}${what}`;

export async function drawMail() {
  await Promise.all([drawMailbox(), drawBoxes()]);
}

async function drawBoxes() {
  const boxes = (await ask("/mailboxes.json")).body ?? [];
  const counts = new Map(boxes.map((box) => [box.address.toLowerCase(), box]));
  if (shownApp() === "mail") seen.set(address, counts.get(address)?.count ?? 0);
  unreadHere = (counts.get(address)?.count ?? 0) - (seen.get(address) ?? 0);
  if (!changed("boxes", [boxes, address, [...seen]])) return;
  const own = [...shelf.querySelectorAll("button")];
  unread = 0;
  for (const button of own) {
    const box = counts.get(button.dataset.address);
    const more = (box?.count ?? 0) - (seen.get(button.dataset.address) ?? 0);
    button.setAttribute("aria-pressed", button.dataset.address === address);
    button.querySelector("small").textContent = box?.last.subject ?? "no mail yet";
    button.querySelector("em")?.remove();
    if (more > 0) button.append(element("em", "", more));
    unread += Math.max(0, more);
  }
  const known = own.map((button) => button.dataset.address);
  drawOthers(boxes.map((box) => box.address.toLowerCase()).filter((other) => !known.includes(other)), known);
  byId("unread").textContent = unread || "";
}

function drawOthers(others, known) {
  const select = byId("other-boxes");
  if (select.matches(":focus") && select.childElementCount) return; // it may be open
  const chosen = !known.includes(address);
  if (chosen && !others.includes(address)) others.unshift(address);
  const options = ["", ...others.slice(0, 60)].map((value) => {
    const made = element("option", "", value || (others.length ? `+ ${others.length} …` : "More …"));
    made.value = value;
    return made;
  });
  select.replaceChildren(...options);
  select.value = chosen ? address : "";
  select.classList.toggle("chosen", chosen);
}

async function drawMailbox() {
  const asked = address;
  const { body } = await ask(`/mailboxes/${encodeURIComponent(asked)}/messages.json`);
  if (asked !== address) return;
  const before = mails;
  mails = (body ?? []).toReversed();
  byId("address").textContent = address;
  if (!changed("mailbox", [address, mails])) return;
  const same = byId("mail").dataset.address === address;
  // who reads an older mail goes on reading it
  if (!same || opened === (before[0]?.id ?? null)) opened = mails[0]?.id ?? null;
  if (same && mails.length > before.length) animate(byId("mail"), "ringing");
  byId("mail").dataset.address = address;
  draw();
}

function draw() {
  const mail = mails.find((one) => one.id === opened);
  byId("mail-state").textContent = `${mails.length} mail${mails.length === 1 ? "" : "s"}`;
  byId("inbox").hidden = Boolean(mail);
  byId("letter").hidden = !mail;
  byId("told").textContent = "";
  if (mail) drawLetter(mail);
  else drawInbox();
}

function drawInbox() {
  const rows = mails.map((mail) => {
    const row = element("li");
    const button = element("button");
    button.type = "button";
    button.dataset.id = mail.id;
    button.append(element("strong", "", mail.subject || "(no subject)"), element("small", "", `${mail.from ?? "?"} · ${clock(mail.at)}`));
    row.append(button);
    return row;
  });
  if (!rows.length) rows.push(element("li", "quiet", "No mail yet. A survey by email arrives here."));
  byId("inbox").replaceChildren(...rows);
}

function drawLetter(mail) {
  byId("subject").textContent = mail.subject || "(no subject)";
  byId("sender").textContent = `${mail.from ?? mail.envelope_from} · ${clock(mail.at)}`;
  byId("letter").querySelector("[data-act=unsubscribe]").hidden = !mail.one_click;
  byId("letter").querySelector("[data-show=html]").hidden = mail.html === null;
  drawContent(mail, mail.html === null && show === "html" ? "text" : show);
}

function drawContent(mail, shown) {
  for (const button of byId("letter").querySelectorAll("[data-show]"))
    button.setAttribute("aria-pressed", button.dataset.show === shown);
  const content = { html: framed, text: written, headers: listed }[shown](mail);
  content.id = "content";
  byId("content").replaceWith(content);
}

// a new frame each time: another address in the same one would be a step of the browser's history
function framed(mail) {
  const frame = element("iframe");
  frame.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
  frame.title = mail.subject ?? "Mail";
  frame.src = path(mail, ".html");
  return frame;
}

function written(mail) {
  const text = element("pre");
  text.tabIndex = 0;
  text.append(...linked(mail.text ?? "This mail has no text."));
  return text;
}

function listed(mail) {
  const list = element("dl");
  list.tabIndex = 0;
  for (const [name, value] of [["Envelope from", mail.envelope_from], ["Envelope to", mail.to], ...mail.all_headers])
    list.append(element("dt", "", name), element("dd", "", value));
  return list;
}

const DONE = {
  unsubscribe: "Unsubscribed by one click.",
  complain: "Reported as spam.",
  bounce: "Reported as undeliverable (5.1.1).",
};

async function act(what, mail) {
  byId("told").textContent = "…";
  const { body } = await post(path(mail, `/${what}`), {});
  if (what === "scan") byId("told").textContent = scanned(body ?? []);
  else if (!body?.status) byId("told").textContent = body?.error ?? "The service does not answer.";
  else byId("told").textContent = `${DONE[what]} The service answered ${body.status}${understood(body.body)}.`;
}

function scanned(links) {
  if (!links.length) return "There are no links in this mail.";
  const statuses = new Set(links.flatMap((link) => [...link.GET, ...link.HEAD]).map((status) => status ?? "nothing"));
  return `${links.length} links, each fetched ten times. Answers: ${[...statuses].join(", ")}.`;
}

function understood(text) {
  try {
    const { understood: word, detail } = JSON.parse(text);
    return word || detail ? ` (${(word ?? detail).replace(/\.$/, "")})` : "";
  } catch {
    return "";
  }
}

export function pickMailbox(picked) {
  address = picked.toLowerCase();
  opened = null;
}

export const mailbox = () => address;

export function openMail(onPick) {
  shelf.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) onPick(button.dataset.address, button.dataset.number, button.dataset.language);
  });
  byId("other-boxes").addEventListener("change", (event) => {
    event.target.blur();
    if (event.target.value) onPick(event.target.value);
  });
  byId("inbox").addEventListener("click", (event) => {
    opened = event.target.closest("button")?.dataset.id ?? null;
    draw();
  });
  byId("letter").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const mail = mails.find((one) => one.id === opened);
    if (!button || !mail) return;
    if (button.dataset.act) act(button.dataset.act, mail).catch(() => trouble("The simulator does not answer."));
    else if (button.dataset.show) drawContent(mail, (show = button.dataset.show));
    else draw((opened = null));
  });
}

// The page asks for the state every second and shows it; all text goes in by textContent.

const byId = (id) => document.getElementById(id);
const only = document.body.dataset.only;
const narrow = matchMedia("(max-width: 900px)");
const seen = new Map(); // number -> how many messages were looked at
const shown = {}; // what each list was last drawn from, so that an unchanged one is left alone
let number = only ?? byId("lines").querySelector("button").dataset.number;

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function changed(name, state) {
  const text = JSON.stringify(state);
  const differs = shown[name] !== text;
  shown[name] = text;
  return differs;
}

const clock = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

async function ask(path, options) {
  const response = await fetch(path, options);
  const body = await response.json().catch(() => null);
  return { ok: response.ok, status: response.status, body };
}

const post = (path, body) =>
  ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

function trouble(text) {
  byId("trouble").textContent = text;
  byId("trouble").hidden = !text;
}

// the switchboard

function drawCalls(calls) {
  if (!changed("calls", calls)) return;
  byId("no-calls").hidden = calls.length > 0;
  const before = byId("calls").childElementCount;
  byId("calls").replaceChildren(
    ...calls.map((entry, index) => {
      const row = element("li", entry.kind, entry.words);
      if (index < calls.length - before) row.classList.add("new");
      const who = [entry.call.agent?.name ?? entry.call.agent?.id ?? "No agent", entry.call.customer?.phone];
      row.append(element("small", "", `${clock(entry.at)} · ${who.filter(Boolean).join(" → ")}`));
      return row;
    }),
  );
}

async function hangUp(event) {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector("button");
  const talk = form.talk.valueAsNumber;
  button.disabled = true;
  try {
    const { ok, body } = await post("/switchboard/calls", {
      agent: JSON.parse(form.querySelector("[name=agent]:checked").dataset.agent),
      phone: form.phone.value.replace(/[\s()-]/g, ""),
      language: form.language.value,
      ...(Number.isFinite(talk) && { talk_seconds: talk }),
    });
    if (narrow.matches && ok && !body?.skipped) byId("phone").scrollIntoView({ behavior: "smooth", block: "center" });
  } finally {
    button.disabled = false;
    await draw();
  }
}

// the telephones

function drawLines(lines) {
  const shelf = byId("lines");
  for (const line of lines) {
    if (![...shelf.children].some((button) => button.dataset.number === line.number)) addLine(line.number);
  }
  const counts = new Map(lines.map((line) => [line.number, line.count]));
  if (!changed("lines", [lines, number, [...seen]])) return;
  for (const button of shelf.children) {
    const count = counts.get(button.dataset.number) ?? 0;
    if (button.dataset.number === number) seen.set(number, count);
    const unread = count - (seen.get(button.dataset.number) ?? 0);
    button.textContent = button.dataset.number;
    button.setAttribute("aria-pressed", button.dataset.number === number);
    if (unread > 0) button.append(element("em", "", unread));
  }
}

function addLine(added) {
  const button = element("button");
  button.type = "button";
  button.dataset.number = added;
  byId("lines").append(button);
}

function withLinks(text) {
  return text.split(/(https?:\/\/\S*[^\s.,;:!?)。,])/).map((part, index) => {
    if (index % 2 === 0) return part;
    const link = element("a", "", part);
    link.href = part;
    link.target = "_blank";
    link.rel = "noopener";
    return link;
  });
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

function drawMessages(messages) {
  byId("number").textContent = number;
  if (!changed("messages", [number, messages])) return;
  byId("state").textContent = `${messages.length} message${messages.length === 1 ? "" : "s"}`;
  const list = byId("messages");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  const before = list.dataset.number === number ? Number(list.dataset.count) : messages.length;
  const bubbles = messages.map((message, index) => {
    const bubble = element("li", `${message.direction} by-${message.by}`);
    const text = element("p");
    text.append(...withLinks(message.body));
    const lost = ["failed", "undelivered"].includes(message.status);
    const note = element("small", lost || message.deliveries.some((d) => !(d.status < 300 && d.status)) ? "bad" : "", remark(message));
    bubble.classList.toggle("lost", lost);
    bubble.classList.toggle("new", index >= before);
    bubble.append(text, note);
    return bubble;
  });
  if (!messages.length) {
    const quiet = element("li", "quiet");
    quiet.append(element("p", "", "No messages yet. After a call, the survey arrives here."));
    bubbles.push(quiet);
  }
  list.replaceChildren(...bubbles);
  if (atEnd || list.dataset.number !== number) list.scrollTop = list.scrollHeight;
  if (before < messages.length && messages.at(-1).direction === "to_phone") ring();
  list.dataset.number = number;
  list.dataset.count = messages.length;
}

function ring() {
  byId("phone").classList.remove("ringing");
  requestAnimationFrame(() => byId("phone").classList.add("ringing"));
}

function pick(picked, language) {
  number = picked;
  const form = byId("call");
  if (form) {
    form.phone.value = picked;
    if (language) form.language.value = language;
  }
  draw();
}

async function reply(text) {
  if (!text.trim()) return;
  const { ok, status, body } = await post(`/phones/${encodeURIComponent(number)}/messages`, { body: text });
  trouble(ok || status === 502 ? "" : (body?.error ?? `The text was not sent (${status}).`));
  byId("messages").scrollTop = byId("messages").scrollHeight;
  await draw();
}

// every second

async function draw() {
  const drawn = number;
  try {
    const [lines, messages, calls] = await Promise.all([
      only ? { body: [] } : ask("/phones.json"),
      ask(`/phones/${encodeURIComponent(drawn)}/messages.json`),
      only ? { body: [] } : ask("/switchboard/calls.json"),
    ]);
    if (shown.gone) trouble("");
    shown.gone = false;
    if (drawn !== number) return;
    drawMessages(messages.body);
    if (only) return;
    drawLines(lines.body);
    drawCalls(calls.body);
  } catch {
    shown.gone = true;
    trouble("The simulator does not answer. Is it still running?");
  }
}

byId("call")?.addEventListener("submit", hangUp);
byId("call")?.phone.addEventListener("change", (event) => {
  const typed = event.target.value.replace(/[\s()-]/g, "");
  if (!/^\+[1-9]\d{6,14}$/.test(typed)) return;
  if (![...byId("lines").children].some((button) => button.dataset.number === typed)) addLine(typed);
  pick(typed);
});
byId("lines").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) pick(button.dataset.number, button.dataset.language);
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

draw();
setInterval(() => document.hidden || draw(), 1000);

// Small tools of every part. Texts of customers go in by textContent alone.

export const byId = (id) => document.getElementById(id);

export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

const drawn = {}; // what each part was last drawn from, so that an unchanged one is left alone

export function changed(name, state) {
  const text = JSON.stringify(state);
  const differs = drawn[name] !== text;
  drawn[name] = text;
  return differs;
}

export const clock = (at) =>
  new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

export async function ask(path, options) {
  const response = await fetch(path, options);
  const body = await response.json().catch(() => null);
  return { ok: response.ok, status: response.status, body };
}

export const post = (path, body) =>
  ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export function trouble(text) {
  byId("trouble").textContent = text;
  byId("trouble").hidden = !text;
}

// once more from the start, though it may still be running
export function animate(target, name) {
  target.classList.remove(name);
  requestAnimationFrame(() => target.classList.add(name));
}

export function linked(text) {
  return text.split(/(https?:\/\/\S*[^\s.,;:!?)。,])/).map((part, index) => {
    if (index % 2 === 0) return part;
    const link = element("a", "", part);
    Object.assign(link, { href: part, target: "_blank", rel: "noopener" });
    return link;
  });
}

// Keeps each answer as it is given, and shows the questions that an answer opens. Without it the page works all the
// same: everything is shown, and Send carries all of it; which it also does with it, should the network be away.
"use strict";

(() => {
  const form = document.querySelector("form");
  const QUIET_MS = 400; // who moves through the choices with the arrow keys means the last one
  const ANSWER_MS = 10_000;
  const SEND_ANYWAY_MS = 3_000;
  const LONGEST_WAIT_MS = 60_000;
  const KEPT = 204;

  const changed = new Set(); // names of questions whose answers have not reached the server
  let touched = false; // a page that nobody has touched keeps nothing: scanners run scripts too
  let keeping = null; // the request under way, as a promise; one at a time, so that the last answer stays the last
  let abort = null;
  let soon = 0;
  let wait = 5_000;
  let leaving = false;
  let warned = false;

  const chosen = (name) => form.querySelector(`input[name="${name}"]:checked:enabled`)?.value;

  // "csat=1,2,3 fcr=2"
  const holds = (condition) =>
    condition.split(" ").every((part) => {
      const [name, values] = part.split("=");
      return values.split(",").includes(chosen(name));
    });

  const hide = (element, hidden) => {
    element.hidden = hidden;
    for (const control of element.querySelectorAll("input, textarea")) control.disabled = hidden;
  };

  const arrange = () => {
    for (const element of form.querySelectorAll("[data-when]")) hide(element, !holds(element.dataset.when));
    for (const element of form.querySelectorAll("[data-unless]")) hide(element, holds(element.dataset.unless));
  };

  const touch = () => {
    if (touched) return;
    touched = true;
    // what the link's score chose has been seen now, and left as it is
    for (const before of form.querySelectorAll("[data-chosen]:checked")) changed.add(before.name);
    // and must not be chosen once more, over what was answered, by reloading or coming back
    history.replaceState(null, "", location.pathname);
  };

  const lines = new Map();
  for (const question of form.querySelectorAll("fieldset, .words")) {
    const line = document.createElement("p");
    line.className = "kept";
    line.setAttribute("role", "status");
    question.append(line);
    lines.set(question.querySelector("[name]").name, line);
  }

  const tell = (names, state) => {
    for (const name of names) {
      const line = lines.get(name);
      line.className = `kept ${state}`;
      line.textContent = { saved: form.dataset.saved, failed: form.dataset.unsaved }[state] ?? "";
    }
  };

  const post = async (names) => {
    const body = new URLSearchParams({ part: "1" });
    for (const name of names) {
      const words = form.querySelector(`textarea[name="${name}"]`);
      const value = words ? words.value : chosen(name);
      if (value !== undefined) body.append(name, value);
      // it is the customer who has emptied it
      if (words && !value) body.append("comment_stood", "1");
    }
    if ([...body].length === 1) return KEPT; // what was answered has been hidden since
    abort = new AbortController();
    const late = setTimeout(() => abort.abort(), ANSWER_MS);
    try {
      const answer = await fetch(form.action, { method: "POST", body, signal: abort.signal, keepalive: true });
      return answer.status;
    } catch {
      return 0;
    } finally {
      clearTimeout(late);
    }
  };

  const keepAll = async () => {
    while (changed.size) {
      const names = [...changed];
      changed.clear();
      const status = await post(names);
      if (status !== KEPT) {
        const refused = status === 422 || status === 404;
        tell(names, "failed");
        for (const name of names) changed.add(name);
        if (!refused && !leaving) {
          soon = setTimeout(keep, wait);
          wait = Math.min(2 * wait, LONGEST_WAIT_MS);
        }
        return;
      }
      wait = 5_000;
      tell(names.filter((name) => !changed.has(name)), "saved");
    }
  };

  const keep = () => {
    clearTimeout(soon);
    if (!touched) return null;
    keeping ??= keepAll().finally(() => {
      keeping = null;
    });
    return keeping;
  };

  form.addEventListener("change", ({ target }) => {
    if (!lines.has(target.name)) return;
    touch();
    changed.add(target.name);
    tell([target.name], "");
    const why = document.getElementById(`why-${target.name}`);
    if (why) {
      why.className = "why mended";
      why.id = ""; // and is no longer part of the question
    }
    arrange();
    clearTimeout(soon);
    soon = setTimeout(keep, QUIET_MS);
  });

  // words are given when the customer leaves the field, or the page: drafts are nobody's business
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden" || leaving) return;
    const words = form.querySelector("textarea:enabled");
    if (words && words === document.activeElement && words.value !== words.defaultValue) {
      touch();
      changed.add(words.name);
    }
    keep();
  });

  addEventListener("online", keep);

  form.addEventListener("submit", (event) => {
    clearTimeout(soon);
    if (leaving) {
      event.preventDefault();
      return;
    }
    if (!navigator.onLine && !warned) {
      // the browser's own page about it would take the place of all that was written; a browser may be wrong, too
      warned = true;
      event.preventDefault();
      touch();
      for (const control of form.querySelectorAll(":checked:enabled, textarea:enabled")) changed.add(control.name);
      tell(changed, "failed");
      return;
    }
    leaving = true;
    if (!keeping) return;
    // an answer under way that arrived after the form would overtake it
    event.preventDefault();
    changed.clear();
    const enough = new Promise((resolve) => setTimeout(resolve, SEND_ANYWAY_MS));
    Promise.race([keeping, enough]).then(() => {
      abort.abort();
      form.submit();
    });
  });

  // back from the thanks by the browser's own copy of this page
  addEventListener("pageshow", (event) => {
    leaving = false;
    if (event.persisted) arrange();
  });

  for (const hint of form.querySelectorAll(".hint")) hint.hidden = true;
  arrange();
})();

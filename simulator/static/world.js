// The page as a whole: which telephone and which agent, and what is drawn anew when something happened.

import * as board from "./board.js";
import { coach } from "./coach.js";
import { byId, trouble } from "./dom.js";
import { listen } from "./live.js";
import * as phone from "./phone.js";
import * as results from "./results.js";

const only = document.body.dataset.only;
const wanted = new Set();
let drawing = false;
let gone = false;

const DRAWN = {
  messages: () => Promise.all([phone.drawMessages(), phone.drawLines()]),
  calls: () => only || board.drawCalls(),
  crowd: () => only || board.drawCrowd(show),
  results: () => only || results.readResults(),
};

// one drawing at a time, or an older answer might overtake a newer one
async function draw(names) {
  for (const name of names) wanted.add(name);
  if (drawing) return;
  drawing = true;
  try {
    while (wanted.size) {
      const now = [...wanted];
      wanted.clear();
      await Promise.all(now.map((name) => DRAWN[name]()));
      if (!only) show();
    }
    if (gone) trouble("");
    gone = false;
  } catch {
    lost();
  } finally {
    drawing = false;
  }
}

function show() {
  const agent = board.agent();
  board.drawAgents(results.rows());
  results.drawResults(agent);
  coach({
    agent,
    call: board.newestCall(),
    messages: phone.conversation(),
    row: results.rowOf(agent),
    crowdIsAnswering: board.crowdIsAnswering(),
  });
}

function lost() {
  gone = true;
  trouble("The simulator does not answer. Is it still running?");
}

function pick(number, language) {
  board.usePhone(number, language);
  phone.pick(number);
  draw(["messages"]);
}

// on a narrow screen one of the three is seen at a time
function view(name) {
  document.body.dataset.view = name;
  for (const tab of byId("tabs").children) {
    if (tab.dataset.view === name) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
  scrollTo({ top: 0 });
  byId("messages").scrollTop = byId("messages").scrollHeight;
}

phone.openPhones(only ? () => {} : pick);
if (!only) {
  results.openResults();
  board.openBoard({
    onAgent: show,
    onPhone: (typed) => {
      if (!/^\+[1-9]\d{6,14}$/.test(typed)) return;
      phone.keep(typed);
      pick(typed);
    },
    onHungUp: (invited) => invited && view("handsets"),
    onCrowd: () => view("results"),
  });
  byId("tabs").addEventListener("click", (event) => {
    const tab = event.target.closest("button");
    if (tab) view(tab.dataset.view);
  });
  view("board");
}
listen(draw, lost);

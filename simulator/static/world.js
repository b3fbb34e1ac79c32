// The page as a whole: which telephone and which agent, and what is drawn anew when something happened.

import { openApps, showApp } from "./apps.js";
import * as board from "./board.js";
import { coach } from "./coach.js";
import { byId, trouble } from "./dom.js";
import { listen } from "./live.js";
import * as mail from "./mail.js";
import * as phone from "./phone.js";
import * as results from "./results.js";
import * as talk from "./talk.js";

const only = document.body.dataset.only;
const wanted = new Set();
let drawing = false;
let gone = false;

const DRAWN = {
  messages: () => Promise.all([phone.drawMessages(), phone.drawLines()]),
  mails: () => only || mail.drawMail(),
  rings: () => Promise.all([talk.drawTalk(), only || talk.drawRinging()]),
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
      await Promise.all(now.map((name) => DRAWN[name]?.()));
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
  const news = [[phone.unreadTexts(), "new"], [mail.unreadMails(), "by mail"], [talk.ringingElsewhere() + (talk.talking() ? 1 : 0), "on the line"]];
  byId("tab-handsets").textContent = news.map(([count, words]) => count && `${count} ${words}`).filter(Boolean).join(", ");
  results.drawResults(agent);
  coach({
    agent,
    call: board.newestCall(),
    messages: phone.conversation(),
    talking: talk.talking(),
    hasNewMail: mail.hasNewMail(),
    row: results.rowOf(agent),
    crowdIsAnswering: board.crowdIsAnswering(),
  });
}

function lost() {
  gone = true;
  trouble("The simulator does not answer. Is it still running?");
}

// a customer has a telephone, a mailbox, or both
function pick(number, language, email) {
  board.useCustomer(number, language, email);
  if (number) phone.pick(number);
  if (email) mail.pickMailbox(email);
  draw(["messages", "mails", "rings"]);
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
talk.openTalk(() => draw(["messages"]));
if (!only) {
  results.openResults();
  mail.openMail((address, number, language) => pick(number, language, address));
  openApps(() => draw(["messages", "mails"]));
  board.openBoard({
    onAgent: show,
    onPhone: (typed) => {
      if (!/^\+[1-9]\d{6,14}$/.test(typed)) return;
      phone.keep(typed);
      phone.pick(typed);
      draw(["messages", "rings"]);
    },
    onEmail: (typed) => {
      if (!typed.includes("@")) return;
      mail.pickMailbox(typed);
      draw(["mails"]);
    },
    onHungUp: (invitation) => {
      if (!invitation) return;
      showApp(invitation.channel === "email" ? "mail" : "texts");
      view("handsets");
      draw(["mails"]);
    },
    onCrowd: () => view("results"),
  });
  byId("tabs").addEventListener("click", (event) => {
    const tab = event.target.closest("button");
    if (tab) view(tab.dataset.view);
  });
  view("board");
}
listen(draw, lost);

// One sentence that says what to do next, and which control is meant.

import { byId } from "./dom.js";

const say = (next, words) => {
  if (byId("coach").textContent !== words) byId("coach").textContent = words;
  document.body.dataset.next = next;
};

export function coach({ agent, call, messages, talking, hasNewMail, row, crowdIsAnswering }) {
  const name = agent.name ?? agent.id;
  const last = messages.at(-1);
  const n = row?.csat.n ?? 0;
  if (crowdIsAnswering) return say("", `Customers of ${name} are answering: watch the range narrow.`);
  if (talking === "ringing") return say("answer", "The customer’s telephone rings: answer it.");
  if (talking === "in-progress") return say("keypad", "You are the customer now: press keys and speak, as on any telephone.");
  if (last?.by === "service" && last.asks) return say("keys", "You are the customer now: tap an answer, or write what you like.");
  if (hasNewMail) return say("mail", "A mail has come for the customer: open Mail, and click an answer in it.");
  if (call?.kind === "skipped" && !n) return say("phones", `${call.words} Choose another telephone, or a new one.`);
  const evidence = row?.csat.evidence;
  if (evidence === "reportable") return say("", `${n} answers: enough to rely on. Compare another agent, or text STOP and hang up again.`);
  if (evidence === "indicative") return say("crowd", `${n} answers: a first hint, and the range is narrower. Let more customers answer.`);
  if (n > 0) return say("crowd", `${n === 1 ? "One answer says" : "Few answers say"} little: ${name}’s range is wide. Let 20 customers answer.`);
  if (call?.kind === "invited" && call.call.agent?.id === agent.id && !messages.length)
    return say("", "The call is over. In a moment the customer’s telephone buzzes.");
  return say("hang-up", `A customer has just talked with ${name}. Hang up the call, and the survey goes out by text.`);
}

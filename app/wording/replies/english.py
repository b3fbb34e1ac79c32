"""What people write back in English."""

from app.wording.replies.table import table

ENGLISH_WORDS = table(
    # Twilio's defaults; each is caught, and replied to, when it is the whole message
    carrier_stop="stop, stopall, unsubscribe, cancel, end, quit, revoke, optout",
    stop="stop all, opt out, opt-out, td, unsubcribe, unsuscribe",
    start="start, unstop",
    help="help, info",
    unsubscribe_phrases="unsubscribe me, opt me out, i want to unsubscribe, i want to opt out, "
    "stop texting, stop calling me, stop messaging me, stop contacting me, stop sending me texts, "
    "stop sending me text messages, stop sending me messages, stop sending texts, "
    "stop sending messages, stop these texts, stop these messages, don't text me, dont text me, "
    "do not text me, don't contact me, dont contact me, do not contact me, no more texts, "
    "no more text messages, take me off your list, take me off this list, remove me from your list, "
    "remove me from this list, remove my number",
    unsubscribe_clauses="unsubscribe, please unsubscribe, remove me, please remove me, leave me alone, "
    "opt out, opt-out, please opt out",
    labels={
        "csat": {
            5: "very satisfied, extremely satisfied, completely satisfied",
            4: "satisfied",
            3: "neither, neutral, neither satisfied nor dissatisfied",
            2: "dissatisfied, unsatisfied, not satisfied",
            1: "very dissatisfied, very unsatisfied, extremely dissatisfied",
        },
        "ownership": {
            5: "very willing, extremely willing",
            4: "willing",
            3: "somewhat willing, neutral",
            2: "not very willing",
            1: "not at all, not at all willing",
        },
        "nps": {10: "extremely likely", 0: "not at all likely"},
        "fcr": {
            1: "yes, yes it is, yep, yeah, resolved",
            2: "no, nope, no it isn't, not resolved, unresolved, not yet",
            3: "not sure, not sure yet, i'm not sure, unsure",
        },
        "ces": {7: "very easy, extremely easy", 1: "very difficult, very hard, extremely difficult"},
        "reason": {
            1: "the agent's manner, agent's manner, agents manner, manner",
            2: "not resolved, unresolved",
            3: "waiting time, waiting, the wait",
            4: "policy or price, policy, price",
            5: "product or website, product, website",
            6: "other, something else",
        },
    },
    numbers="zero, one, two, three, four, five, six, seven, eight, nine, ten",
    units="stars, star, points, point, pts",
    # "2 agents hung up", "5 minutes": something was counted
    counters="second, seconds, sec, secs, minute, minutes, min, mins, hour, hours, hr, hrs, day, days, "
    "week, weeks, month, months, year, years, am, pm, o'clock, time, times, x, call, calls, people, "
    "person, persons, agent, agents, percent, dollar, dollars, euro, euros, pound, pounds, more, of, "
    "out of",
    connectives="or, to, and",
    out_of="out of, of",
    lead_ins="reply, answer, my answer is, score, my score is, rating, my rating is, i give, i'd give, "
    "i'd give it, i'd give it a, i give it, i give it a, i'd say, i would say, i am, i'm",
    corrections="i meant, meant, i mean, i meant to say, i meant to reply, change to, change it to, "
    "change my answer to, change my score to, correction, it should be, should be, make it, make that, "
    "oops, *",
    courtesies="sorry, please, pls, hi, hello, ok, okay, thanks, thank you, thank you very much, "
    "thanks a lot, many thanks, thx, cheers",
    declines="no thanks, no thank you, no thx, no ty",
    praise="excellent, great, perfect, wonderful, amazing, fantastic, brilliant, very helpful, "
    "very good, well done, best service, 👍",
    fury="terrible, awful, horrible, worst, useless, disgusting, disgrace, furious, rude, appalling, "
    "unacceptable, very bad, very dissatisfied, 😡, 🤬",
    negations="not, n't, no, never, nothing",
)

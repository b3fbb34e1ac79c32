"""English. Each text fits one message of 160 GSM-7 characters with a brand of 12: no curly quotes, no NBSP."""

from app.wording.texts import Catalogue, PageTexts

_LABELS = {
    "csat": {
        5: "Very satisfied",
        4: "Satisfied",
        3: "Neither satisfied nor dissatisfied",
        2: "Dissatisfied",
        1: "Very dissatisfied",
    },
    "ownership": {
        5: "Very willing",
        4: "Willing",
        3: "Somewhat willing",
        2: "Not very willing",
        1: "Not at all willing",
    },
    "nps": {10: "Extremely likely", 0: "Not at all likely"},
    "fcr": {1: "Yes", 2: "No", 3: "Not sure yet"},
}

_PAGE = PageTexts(
    language="en",
    labels=_LABELS,
    title_text="Your call to {brand}, {when}",
    prompts={
        "csat": "How satisfied are you with the help you got?",
        "csat.transferred": "How satisfied are you with the help from the last person you spoke to?",
        "ownership": "How willing was the agent to help you?",
        "ownership.transferred": "How willing to help you was the last person you spoke to?",
        "nps": "How likely are you to recommend {brand} to a friend or colleague?",
        "fcr": "Is your issue resolved?",
        "comment": "Anything you'd like to tell us?",
        "comment.low": "Sorry we let you down. What went wrong?",
    },
    note="It takes under a minute. The person who helped you won't see your name.",
    choose="Please choose an answer.",
    send="Send",
    thanks="Thank you.",
    change_until_text="You can change your answers until {until}.",
    closed="This survey has closed.",
    help_text="Need help? {hotline}",
)

ENGLISH = Catalogue(
    language="en",
    version="en-1",
    opt_out_suffix="STOP to opt out",
    label_gap=" ",
    labels=_LABELS,
    page=_PAGE,
    texts={
        "ask_csat": "How satisfied are you with the help you got? "
        "Reply 5 very satisfied, 4, 3, 2 or 1 very dissatisfied",
        "ask_csat.first": "{brand}: Thanks for calling. How satisfied are you with the help you got? "
        "Reply 5 very satisfied, 4, 3, 2 or 1 very dissatisfied. {opt_out}",
        "ask_csat.transferred": "How satisfied are you with the help from the last person you spoke to? "
        "Reply 5 very satisfied, 4, 3, 2 or 1 very dissatisfied",
        "ask_csat.first.transferred": "{brand}: How satisfied are you with the help from the last person you "
        "spoke to? Reply 5 very satisfied, 4, 3, 2 or 1 very dissatisfied. {opt_out}",
        "ask_ownership": "How willing was the agent to help you? "
        "Reply 1-5 (5=very willing, 1=not at all willing)",
        "ask_ownership.first": "{brand}: Thanks for calling. How willing was the agent to help you? "
        "Reply 1-5 (5=very willing, 1=not at all willing). {opt_out}",
        "ask_ownership.transferred": "How willing to help you was the last person you spoke to? "
        "Reply 1-5 (5=very willing, 1=not at all willing)",
        "ask_ownership.first.transferred": "{brand}: How willing to help you was the last person you spoke "
        "to? Reply 1-5 (5=very willing, 1=not at all willing). {opt_out}",
        "ask_nps": "How likely are you to recommend {brand} to a friend or colleague? "
        "Reply 0-10 (0=not at all likely, 10=extremely likely)",
        "ask_nps.first": "{brand}: How likely are you to recommend us to a friend or colleague? "
        "Reply 0-10 (0=not at all likely, 10=extremely likely). {opt_out}",
        "ask_fcr": "Is your issue resolved? Reply 1=yes, 2=no, 3=not sure yet",
        "ask_fcr.first": "{brand}: Thanks for calling. Is your issue resolved? "
        "Reply 1=yes, 2=no, 3=not sure yet. {opt_out}",
        "ask_comment": "Last one: anything you'd like to tell us? "
        "Just reply in your own words, or ignore this text. Thank you!",
        "ask_comment.first": "{brand}: Thanks for calling. Anything you'd like to tell us? "
        "Just reply in your own words, or ignore this text. {opt_out}",
        "ask_comment_low": "Sorry we let you down. What went wrong? "
        "Just reply in your own words, or ignore this text.",
        "ask_comment_low.first": "{brand}: Sorry we let you down. What went wrong? "
        "Just reply in your own words, or ignore this text. {opt_out}",
        "repeat_csat": "Sorry, we didn't get that. "
        "Please reply with one number from 1 to 5 (5=very satisfied, 1=very dissatisfied).",
        "repeat_ownership": "Sorry, we didn't get that. "
        "Please reply with one number from 1 to 5 (5=very willing, 1=not at all willing).",
        "repeat_nps": "Sorry, we didn't get that. "
        "Please reply with one number from 0 to 10 (0=not at all likely, 10=extremely likely).",
        "repeat_fcr": "Sorry, we didn't get that. Please reply with one number: 1=yes, 2=no, 3=not sure yet.",
        "stopped": "{brand}: You won't get any more feedback texts from us. Reply START to undo.",
        "restarted": "{brand}: You'll get our feedback texts again. {opt_out}",
        "help": "{brand}: We ask for feedback after a call. For help call {hotline}. {opt_out}",
        "help.plain": "{brand}: We ask for feedback after a call. {opt_out}",
        "late": "{brand}: This survey has closed but we've kept your message. For help call {hotline}.",
        "late.plain": "{brand}: This survey has closed but we've kept your message.",
        "corrected": "{brand}: We noted: {noted}. Thank you!",
        "corrected.low": '{brand}: We noted: {noted}. If that was a slip, reply "change to 5" or another number.',
        "thanks": "{brand}: Thank you, that's recorded.",
    },
)

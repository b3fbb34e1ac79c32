"""English. Each text fits one message of 160 GSM-7 characters with a brand of 12: no curly quotes, no NBSP."""

from app.wording.keywords import KEYWORDS
from app.wording.segments import GSM_7
from app.wording.speech import FIVE_IS_BEST, answer_keys, key_scales, spoken_answers
from app.wording.texts import Catalogue, MailTexts, PageTexts, SpokenTexts

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
    "ces": {7: "Very easy", 1: "Very difficult"},
    "reason": {
        1: "The agent's manner",
        2: "Not resolved",
        3: "Waiting time",
        4: "Policy or price",
        5: "Product or website",
        6: "Other",
    },
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
        "ces": "How easy was it to get your issue dealt with?",
        "reason": "What was the main reason?",
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
    optional="optional",
    if_low="If something went wrong",
    change="Change my answers",
    saved="Saved",
    not_saved="Not saved yet. Please press Send.",
    partial_saved="What you have answered so far is kept.",
    already_text="Thank you, we have your answers. You can change them until {until}.",
    problem="There is a problem",
    wrong="Please choose one of the answers shown.",
    too_long_text="Please use at most {most} characters.",
    too_many="Too many tries. Please come back in a few minutes.",
    privacy="Privacy",
    progress_text="Question {number} of {total}",
)

_MAIL = MailTexts(
    language="en",
    subject_text="How did we do on your call?",
    greeting_text="Hello, you called {brand} on {when}.",
    preheader_text="Tell {brand} how it went. It takes under a minute.",
    note="It takes under a minute. The person who helped you won't see your name.",
    help_text="Still need help? {hotline}",
    privacy="Privacy",
    unsubscribe="Unsubscribe",
    open_page="Answer on a web page",
    reminder_subject_text="A reminder: how did we do on your call?",
    reminder_text="Hello, you called {brand} on {when}. We would still like to know how it went; "
    "we won't ask about this call again.",
    unsubscribe_title="Unsubscribe",
    unsubscribe_question_text="Should {brand} stop asking about your calls, by email, text and phone?",
    unsubscribe_button="Unsubscribe",
    unsubscribed_text="{brand} won't ask about your calls any more, by email, text or phone.",
)

_KEYS = answer_keys(FIVE_IS_BEST)

_SPOKEN = SpokenTexts(
    language_code="en-GB",
    speech_code="en-GB",
    voice="Polly.Amy",
    prompts={
        "csat": "How satisfied are you with the help you got? Press 5 for very satisfied, 4 for satisfied, "
        "3 for neither, 2 for dissatisfied, 1 for very dissatisfied. Star to repeat.",
        "csat.transferred": "How satisfied are you with the help from the last person you spoke to? "
        "Press 5 for very satisfied, 4 for satisfied, 3 for neither, 2 for dissatisfied, "
        "1 for very dissatisfied. Star to repeat.",
        "ownership": "How willing was the agent to help you? "
        "Press 5 for very willing, down to 1 for not at all.",
        "ownership.transferred": "How willing to help you was the last person you spoke to? "
        "Press 5 for very willing, down to 1 for not at all.",
        "fcr": "Is your issue resolved? Press 1 for yes, 2 for no, 3 if you're not sure yet.",
        "nps": "How likely are you to recommend {brand} to a friend or colleague? Enter a number from 0, "
        "not at all likely, to 10, extremely likely, then press hash.",
        "ces": "How easy was it to get your issue dealt with? "
        "Press 7 for very easy, down to 1 for very difficult.",
        "reason": "What was the main reason? Press 1 for the agent's manner, 2 for not resolved, "
        "3 for waiting time, 4 for policy or price, 5 for product or website, 6 for something else.",
        "comment": "To leave a comment, speak after the tone, then press hash.",
        "comment.low": "Sorry we let you down. To tell us what went wrong, "
        "speak after the tone, then press hash.",
    },
    keys=_KEYS,
    scales=key_scales(FIVE_IS_BEST),
    speech=spoken_answers(_KEYS, KEYWORDS["en"]),
    keywords=KEYWORDS["en"],
    opening_text="Hello, this is {brand} with a 30-second survey about your call today. "
    "Press 1 to start, or 9 to stop these calls.",
    opening_in_call_text="{brand} would like to know how this call went. It takes 30 seconds. "
    "To stop these surveys, press 9.",
    invalid="Sorry, we didn't get that.",
    silence="We didn't hear your answer.",
    thanks="Thank you.",
    goodbye="Goodbye.",
    closed="This survey has closed. Thank you, goodbye.",
    opted_out_text="{brand} won't ask you about your calls by telephone again. Goodbye.",
)

ENGLISH = Catalogue(
    language="en",
    version="en-1",
    encoding=GSM_7,
    opt_out_suffix="STOP to opt out",
    label_gap=" ",
    labels=_LABELS,
    page=_PAGE,
    mail=_MAIL,
    spoken=_SPOKEN,
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
        "ask_ces": "How easy was it to get your issue dealt with? Reply 1-7 (7=very easy, 1=very difficult)",
        "ask_ces.first": "{brand}: Thanks for calling. How easy was it to get your issue dealt with? "
        "Reply 1-7 (7=very easy, 1=very difficult). {opt_out}",
        "ask_reason": "What was the main reason? Reply 1 agent's manner, 2 not resolved, 3 waiting, "
        "4 policy or price, 5 product or website, 6 other",
        "ask_reason.first": "{brand}: What was the main reason? Reply 1 agent's manner, 2 not resolved, "
        "3 waiting, 4 policy or price, 5 product/website, 6 other. {opt_out}",
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
        "repeat_ces": "Sorry, we didn't get that. "
        "Please reply with one number from 1 to 7 (7=very easy, 1=very difficult).",
        "repeat_reason": "Sorry, we didn't get that. Please reply with one number: 1 manner, 2 not resolved, "
        "3 waiting, 4 policy or price, 5 product or website, 6 other.",
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

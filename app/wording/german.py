"""Deutsch, mit Sie.

Jede SMS passt mit einer Marke von 12 Zeichen in eine Nachricht von 160 Zeichen GSM-7; ä, ö, ü und ß gehören dazu.
Überall steht dabei, was 5 und was 1 bedeutet: in der Schule ist die 1 das Beste.
"""

from app.wording.keywords import KEYWORDS
from app.wording.segments import GSM_7
from app.wording.speech import FIVE_IS_BEST, answer_keys, key_scales, spoken_answers
from app.wording.texts import Catalogue, MailTexts, PageTexts, SpokenTexts

_LABELS = {
    "csat": {
        5: "Sehr zufrieden",
        4: "Zufrieden",
        3: "Weder zufrieden noch unzufrieden",
        2: "Unzufrieden",
        1: "Sehr unzufrieden",
    },
    "ownership": {
        5: "Sehr hilfsbereit",
        4: "Hilfsbereit",
        3: "Einigermaßen hilfsbereit",
        2: "Wenig hilfsbereit",
        1: "Gar nicht hilfsbereit",
    },
    "nps": {10: "Äußerst wahrscheinlich", 0: "Äußerst unwahrscheinlich"},
    "fcr": {1: "Ja", 2: "Nein", 3: "Noch unklar"},
    "ces": {7: "Sehr einfach", 1: "Sehr schwierig"},
    "reason": {
        1: "Auftreten des Mitarbeiters",
        2: "Nicht gelöst",
        3: "Wartezeit",
        4: "Regeln oder Preis",
        5: "Produkt oder Website",
        6: "Sonstiges",
    },
}

_PAGE = PageTexts(
    language="de",
    labels=_LABELS,
    title_text="Ihr Anruf bei {brand}, {when}",
    prompts={
        "csat": "Wie zufrieden sind Sie mit der Hilfe, die Sie bekommen haben?",
        "csat.transferred": "Wie zufrieden sind Sie mit der Hilfe Ihres letzten Ansprechpartners?",
        "ownership": "Wie hilfsbereit war Ihr Ansprechpartner?",
        "ownership.transferred": "Wie hilfsbereit war Ihr letzter Ansprechpartner?",
        "nps": "Wie wahrscheinlich ist es, dass Sie {brand} Freunden oder Kollegen empfehlen?",
        "fcr": "Ist Ihr Anliegen gelöst?",
        "ces": "Wie einfach war es, Ihr Anliegen zu klären?",
        "reason": "Was war der Hauptgrund?",
        "comment": "Möchten Sie uns noch etwas sagen?",
        "comment.low": "Es tut uns leid, dass wir Sie enttäuscht haben. Was ist schiefgelaufen?",
    },
    note="Es dauert keine Minute. Wer Ihnen geholfen hat, sieht Ihren Namen nicht.",
    choose="Bitte wählen Sie eine Antwort.",
    send="Senden",
    thanks="Vielen Dank.",
    change_until_text="Bis {until} Uhr können Sie Ihre Antworten ändern.",
    closed="Diese Umfrage ist beendet.",
    help_text="Brauchen Sie Hilfe? {hotline}",
    optional="freiwillig",
    if_low="Falls etwas schiefging",
    change="Meine Antworten ändern",
    saved="Gespeichert",
    not_saved="Noch nicht gespeichert. Bitte drücken Sie auf Senden.",
    partial_saved="Ihre bisherigen Antworten sind gespeichert.",
    already_text="Vielen Dank, wir haben Ihre Antworten. Bis {until} Uhr können Sie sie ändern.",
    problem="Da stimmt etwas nicht",
    wrong="Bitte wählen Sie eine der angezeigten Antworten.",
    too_long_text="Bitte höchstens {most} Zeichen.",
    too_many="Zu viele Versuche. Bitte kommen Sie in einigen Minuten wieder.",
    privacy="Datenschutz",
    progress_text="Frage {number} von {total}",
)

_MAIL = MailTexts(
    language="de",
    subject_text="Wie war Ihr Anruf bei uns?",
    greeting_text="Guten Tag, Sie haben {brand} am {when} Uhr angerufen.",
    preheader_text="Sagen Sie {brand}, wie es war. Es dauert keine Minute.",
    note="Es dauert keine Minute. Wer Ihnen geholfen hat, sieht Ihren Namen nicht.",
    help_text="Brauchen Sie noch Hilfe? {hotline}",
    privacy="Datenschutz",
    unsubscribe="Abmelden",
    open_page="Auf einer Webseite antworten",
    reminder_subject_text="Zur Erinnerung: Wie war Ihr Anruf bei uns?",
    reminder_text="Guten Tag, Sie haben {brand} am {when} Uhr angerufen. Wir wüssten immer noch gern, wie es war; "
    "zu diesem Anruf fragen wir Sie danach nicht mehr.",
    unsubscribe_title="Abmelden",
    unsubscribe_question_text="Soll {brand} nicht mehr nach Ihren Anrufen fragen, "
    "weder per E-Mail noch per SMS oder Telefon?",
    unsubscribe_button="Abmelden",
    unsubscribed_text="{brand} fragt Sie nicht mehr nach Ihren Anrufen, "
    "weder per E-Mail noch per SMS oder Telefon.",
)

_KEYS = answer_keys(FIVE_IS_BEST)

_SPOKEN = SpokenTexts(
    language_code="de-DE",
    speech_code="de-DE",
    voice="Polly.Vicki",
    prompts={
        "csat": "Wie zufrieden sind Sie mit der Hilfe, die Sie bekommen haben? "
        "Drücken Sie die 5 für sehr zufrieden, 4 für zufrieden, 3 für weder noch, 2 für unzufrieden, "
        "1 für sehr unzufrieden. Mit der Sterntaste hören Sie die Frage noch einmal.",
        "csat.transferred": "Wie zufrieden sind Sie mit der Hilfe Ihres letzten Ansprechpartners? "
        "Drücken Sie die 5 für sehr zufrieden, 4 für zufrieden, 3 für weder noch, 2 für unzufrieden, "
        "1 für sehr unzufrieden. Mit der Sterntaste hören Sie die Frage noch einmal.",
        "ownership": "Wie hilfsbereit war Ihr Ansprechpartner? "
        "Drücken Sie die 5 für sehr hilfsbereit bis zur 1 für gar nicht hilfsbereit.",
        "ownership.transferred": "Wie hilfsbereit war Ihr letzter Ansprechpartner? "
        "Drücken Sie die 5 für sehr hilfsbereit bis zur 1 für gar nicht hilfsbereit.",
        "fcr": "Ist Ihr Anliegen gelöst? Drücken Sie die 1 für ja, die 2 für nein, die 3, wenn es noch unklar ist.",
        "nps": "Wie wahrscheinlich ist es, dass Sie {brand} Freunden oder Kollegen empfehlen? "
        "Geben Sie eine Zahl ein, von 0, äußerst unwahrscheinlich, bis 10, äußerst wahrscheinlich, "
        "und drücken Sie dann die Rautetaste.",
        "ces": "Wie einfach war es, Ihr Anliegen zu klären? "
        "Drücken Sie die 7 für sehr einfach bis zur 1 für sehr schwierig.",
        "reason": "Was war der Hauptgrund? Drücken Sie die 1 für das Auftreten des Mitarbeiters, "
        "2 für nicht gelöst, 3 für die Wartezeit, 4 für Regeln oder Preis, "
        "5 für Produkt oder Website, 6 für Sonstiges.",
        "comment": "Wenn Sie uns noch etwas sagen möchten, sprechen Sie nach dem Ton "
        "und drücken Sie dann die Rautetaste.",
        "comment.low": "Es tut uns leid, dass wir Sie enttäuscht haben. Was ist schiefgelaufen? "
        "Sprechen Sie nach dem Ton und drücken Sie dann die Rautetaste.",
    },
    keys=_KEYS,
    scales=key_scales(FIVE_IS_BEST),
    speech=spoken_answers(_KEYS, KEYWORDS["de"]),
    keywords=KEYWORDS["de"],
    opening_text="Guten Tag, hier ist {brand} mit einer Umfrage von 30 Sekunden zu Ihrem heutigen Anruf. "
    "Drücken Sie die 1, um zu beginnen, oder die 9, wenn Sie solche Anrufe nicht mehr möchten.",
    opening_in_call_text="{brand} möchte in 30 Sekunden wissen, wie dieses Gespräch war. "
    "Wenn Sie solche Umfragen nicht mehr möchten, drücken Sie die 9.",
    invalid="Das haben wir leider nicht verstanden.",
    silence="Wir haben Ihre Antwort nicht gehört.",
    thanks="Vielen Dank.",
    goodbye="Auf Wiederhören.",
    closed="Diese Umfrage ist beendet. Vielen Dank, auf Wiederhören.",
    opted_out_text="{brand} wird Sie nicht mehr telefonisch nach Ihren Anrufen fragen. Auf Wiederhören.",
)

GERMAN = Catalogue(
    language="de",
    version="de-1",
    encoding=GSM_7,
    opt_out_suffix="Abmelden: STOP",
    label_gap=" ",
    lower_labels=False,
    labels=_LABELS,
    page=_PAGE,
    mail=_MAIL,
    spoken=_SPOKEN,
    texts={
        "ask_csat": "Wie zufrieden sind Sie mit unserer Hilfe? "
        "Antworten Sie 5 sehr zufrieden, 4, 3, 2 oder 1 sehr unzufrieden",
        "ask_csat.first": "{brand}: Danke für Ihren Anruf. Wie zufrieden sind Sie mit unserer Hilfe? "
        "Antworten Sie 5 sehr zufrieden, 4, 3, 2 oder 1 sehr unzufrieden. {opt_out}",
        "ask_csat.transferred": "Wie zufrieden sind Sie mit der Hilfe Ihres letzten Ansprechpartners? "
        "Antworten Sie 5 sehr zufrieden, 4, 3, 2 oder 1 sehr unzufrieden",
        "ask_csat.first.transferred": "{brand}: Wie zufrieden sind Sie mit Ihrem letzten Ansprechpartner? "
        "Antworten Sie 5 sehr zufrieden, 4, 3, 2 oder 1 sehr unzufrieden. {opt_out}",
        "ask_ownership": "Wie hilfsbereit war Ihr Ansprechpartner? "
        "Antworten Sie 1-5 (5=sehr hilfsbereit, 1=gar nicht)",
        "ask_ownership.first": "{brand}: Danke für Ihren Anruf. Wie hilfsbereit war Ihr Ansprechpartner? "
        "Antworten Sie 1-5 (5=sehr hilfsbereit, 1=gar nicht). {opt_out}",
        "ask_ownership.transferred": "Wie hilfsbereit war Ihr letzter Ansprechpartner? "
        "Antworten Sie 1-5 (5=sehr hilfsbereit, 1=gar nicht)",
        "ask_ownership.first.transferred": "{brand}: Wie hilfsbereit war Ihr letzter Ansprechpartner? "
        "Antworten Sie 1-5 (5=sehr hilfsbereit, 1=gar nicht). {opt_out}",
        "ask_nps": "Wie wahrscheinlich ist es, dass Sie {brand} weiterempfehlen? "
        "Antworten Sie 0-10 (0=äußerst unwahrscheinlich, 10=äußerst wahrscheinlich)",
        "ask_nps.first": "{brand}: Wie wahrscheinlich ist es, dass Sie uns empfehlen? "
        "Antworten Sie 0-10 (0=sehr unwahrscheinlich, 10=sehr wahrscheinlich). {opt_out}",
        "ask_fcr": "Ist Ihr Anliegen gelöst? Antworten Sie 1=ja, 2=nein, 3=noch unklar",
        "ask_fcr.first": "{brand}: Danke für Ihren Anruf. Ist Ihr Anliegen gelöst? "
        "Antworten Sie 1=ja, 2=nein, 3=noch unklar. {opt_out}",
        "ask_ces": "Wie einfach war es, Ihr Anliegen zu klären? "
        "Antworten Sie 1-7 (7=sehr einfach, 1=sehr schwierig)",
        "ask_ces.first": "{brand}: Danke für Ihren Anruf. Wie einfach war es, Ihr Anliegen zu klären? "
        "Antworten Sie 1-7 (7=sehr einfach, 1=sehr schwierig). {opt_out}",
        "ask_reason": "Was war der Hauptgrund? Antworten Sie 1 Auftreten, 2 nicht gelöst, 3 Wartezeit, "
        "4 Regeln oder Preis, 5 Produkt oder Website, 6 Sonstiges",
        "ask_reason.first": "{brand}: Was war der Hauptgrund? Antworten Sie 1 Auftreten, 2 nicht gelöst, "
        "3 Wartezeit, 4 Regeln/Preis, 5 Produkt/Website, 6 Sonstiges. {opt_out}",
        "ask_comment": "Zum Schluss: Möchten Sie uns noch etwas sagen? "
        "Antworten Sie in Ihren Worten oder gar nicht. Vielen Dank!",
        "ask_comment.first": "{brand}: Danke für Ihren Anruf. Möchten Sie uns noch etwas sagen? "
        "Antworten Sie in Ihren Worten oder gar nicht. {opt_out}",
        "ask_comment_low": "Es tut uns leid, dass wir Sie enttäuscht haben. Was ist schiefgelaufen? "
        "Antworten Sie in Ihren Worten oder gar nicht.",
        "ask_comment_low.first": "{brand}: Es tut uns leid. Was ist schiefgelaufen? "
        "Antworten Sie in Ihren Worten oder gar nicht. {opt_out}",
        "repeat_csat": "Leider haben wir Sie nicht verstanden. "
        "Bitte antworten Sie mit einer Zahl von 1 bis 5 (5=sehr zufrieden, 1=sehr unzufrieden).",
        "repeat_ownership": "Leider haben wir Sie nicht verstanden. "
        "Bitte antworten Sie mit einer Zahl von 1 bis 5 (5=sehr hilfsbereit, 1=gar nicht).",
        "repeat_nps": "Leider haben wir Sie nicht verstanden. Bitte antworten Sie mit einer Zahl "
        "von 0 bis 10 (0=sehr unwahrscheinlich, 10=sehr wahrscheinlich).",
        "repeat_fcr": "Leider haben wir Sie nicht verstanden. "
        "Bitte antworten Sie mit einer Zahl: 1=ja, 2=nein, 3=noch unklar.",
        "repeat_ces": "Leider haben wir Sie nicht verstanden. "
        "Bitte antworten Sie mit einer Zahl von 1 bis 7 (7=sehr einfach, 1=sehr schwierig).",
        "repeat_reason": "Leider nicht verstanden. Bitte nur eine Zahl: 1 Auftreten, 2 nicht gelöst, "
        "3 Wartezeit, 4 Regeln oder Preis, 5 Produkt oder Website, 6 Sonstiges.",
        "stopped": "{brand}: Sie bekommen keine Umfragen per SMS mehr von uns. "
        "Mit START machen Sie das rückgängig.",
        "restarted": "{brand}: Sie bekommen wieder unsere Umfragen per SMS. {opt_out}",
        "help": "{brand}: Wir fragen nach einem Anruf, wie er war. Hilfe unter {hotline}. {opt_out}",
        "help.plain": "{brand}: Wir fragen nach einem Anruf, wie er war. {opt_out}",
        "late": "{brand}: Diese Umfrage ist beendet, Ihre Nachricht haben wir behalten. Hilfe unter {hotline}.",
        "late.plain": "{brand}: Diese Umfrage ist beendet, Ihre Nachricht haben wir behalten.",
        "corrected": "{brand}: Notiert: {noted}. Vielen Dank!",
        "corrected.low": "{brand}: Notiert: {noted}. "
        'Falls das ein Versehen war, antworten Sie "ändern auf 5" oder eine andere Zahl.',
        "thanks": "{brand}: Vielen Dank, Ihre Antwort ist notiert.",
    },
)

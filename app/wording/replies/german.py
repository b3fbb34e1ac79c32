"""Was man auf Deutsch zurückschreibt."""

from app.wording.replies.table import table

GERMAN_WORDS = table(
    stop="stopp, stop alle, abmelden, abmeldung, abbestellen, abbestellung, austragen, ende",
    start="anmelden, fortsetzen",
    help="hilfe",
    unsubscribe_phrases="melden sie mich ab, melden sie mich bitte ab, tragen sie mich aus, "
    "tragen sie mich bitte aus, schicken sie mir keine sms mehr, "
    "schicken sie mir bitte keine sms mehr, schicken sie mir keine nachrichten mehr, "
    "schickt mir keine sms mehr, schickt mir keine nachrichten mehr, senden sie mir keine sms mehr, "
    "senden sie mir bitte keine sms mehr, senden sie mir keine nachrichten mehr, "
    "schreiben sie mir nicht mehr, schreibt mir nicht mehr, schreiben sie mir bitte nicht mehr, "
    "rufen sie mich nicht mehr an, kontaktieren sie mich nicht mehr, "
    "kontaktieren sie mich bitte nicht mehr, ich will keine sms mehr, ich möchte keine sms mehr, "
    "ich will keine nachrichten mehr, ich möchte keine nachrichten mehr, ich will keine umfragen mehr, "
    "ich möchte keine umfragen mehr, nehmen sie mich aus der liste, nehmen sie mich aus dem verteiler, "
    "nehmen sie mich von der liste, nehmt mich aus dem verteiler, streichen sie mich von der liste, "
    "löschen sie meine nummer, löschen sie bitte meine nummer, löscht meine nummer",
    # nur als ganzer Satz: "ich bekomme keine SMS mehr" ist eine Beschwerde
    unsubscribe_clauses="keine sms mehr, bitte keine sms mehr, keine sms mehr bitte, keine nachrichten mehr, "
    "bitte keine nachrichten mehr, keine umfragen mehr, bitte keine umfragen mehr, "
    "ich möchte mich abmelden, ich will mich abmelden, bitte abmelden, abmelden, bitte abbestellen, "
    "abbestellen, lassen sie mich in ruhe, lasst mich in ruhe, bitte austragen, unsubscribe",
    labels={
        "csat": {
            5: "sehr zufrieden, äußerst zufrieden, vollkommen zufrieden, voll zufrieden, höchst zufrieden",
            4: "zufrieden",
            3: "weder zufrieden noch unzufrieden, teils teils, teils/teils, weder noch, neutral",
            2: "unzufrieden, nicht zufrieden, eher unzufrieden, weniger zufrieden",
            1: "sehr unzufrieden, gar nicht zufrieden, überhaupt nicht zufrieden, äußerst unzufrieden",
        },
        "ownership": {
            5: "sehr hilfsbereit, äußerst hilfsbereit",
            4: "hilfsbereit",
            3: "einigermaßen hilfsbereit, neutral",
            2: "wenig hilfsbereit, nicht sehr hilfsbereit",
            1: "gar nicht hilfsbereit, überhaupt nicht hilfsbereit, gar nicht, überhaupt nicht",
        },
        "nps": {10: "äußerst wahrscheinlich, sehr wahrscheinlich", 0: "äußerst unwahrscheinlich"},
        "fcr": {
            1: "ja, jawohl, jo, gelöst, ist gelöst, ja ist gelöst, geklärt, erledigt",
            2: "nein, nee, nicht gelöst, ungelöst, noch nicht, noch nicht gelöst, nicht geklärt",
            3: "noch unklar, unklar, weiß nicht, weiß ich nicht, weiß ich noch nicht, nicht sicher, unsicher",
        },
        "ces": {7: "sehr einfach, sehr leicht, äußerst einfach", 1: "sehr schwierig, sehr schwer"},
        "reason": {
            1: "auftreten, das auftreten, auftreten des mitarbeiters",
            2: "nicht gelöst, anliegen nicht gelöst, ungelöst",
            3: "wartezeit, die wartezeit, warten",
            4: "regeln oder preis, regeln, preis, der preis",
            5: "produkt oder website, produkt, website, webseite",
            6: "sonstiges, anderes, etwas anderes",
        },
    },
    numbers="null, eins, zwei|zwo, drei, vier, fünf, sechs, sieben, acht, neun, zehn",
    units="sterne, stern, punkte, punkt",
    counters="sekunde, sekunden, sek, minute, minuten, min, stunde, stunden, std, h, tag, tage, tagen, "
    "woche, wochen, monat, monate, monaten, jahr, jahre, jahren, uhr, mal, x, anruf, anrufe, anrufen, "
    ". anruf, . mal, . mitarbeiter, . kontakt, . versuch, person, personen, leute, mitarbeiter, "
    "mitarbeiterin, mitarbeitern, prozent, euro, cent, weitere, von",
    connectives="oder, bis, und",
    out_of="von",
    decimal_comma=True,
    # ohne "Note": als Schulnote wäre 1 das Beste
    lead_ins="antwort, meine antwort, meine antwort ist, ich antworte, bewertung, meine bewertung, "
    "meine bewertung ist, ich gebe, ich gebe eine, ich gebe ihnen, ich gebe ihnen eine, gebe, "
    "ich würde sagen, würde sagen, ich vergebe, eine, ich bin, bin, wir sind, ich war",
    corrections="ich meinte, meinte, ich meine, ich wollte schreiben, ändern auf, ändern in, "
    "ändern zu, ändere auf, bitte ändern auf, ändern sie auf, korrektur, korrigiere auf, "
    "sollte heißen, es sollte heißen, ich habe mich vertippt, vertippt, verdrückt, doch lieber, "
    "lieber, ups, *",
    courtesies="hallo, guten tag, guten morgen, guten abend, moin, servus, danke, danke schön, "
    "dankeschön, vielen dank, besten dank, danke sehr, bitte, sorry, entschuldigung, verzeihung, ok, "
    "okay, in ordnung, gruß, grüße, liebe grüße, viele grüße, lg, mfg, vg, mit freundlichen grüßen",
    declines="nein danke, nein vielen dank, nein dankeschön",
    praise="sehr gut, ausgezeichnet, hervorragend, perfekt, super, toll, klasse, spitze, großartig, "
    "sehr freundlich, sehr nett, sehr kompetent, sehr hilfsbereit, prima, bestens, sehr zufrieden",
    fury="furchtbar, schrecklich, katastrophal, katastrophe, unverschämt, unverschämtheit, frechheit, "
    "unmöglich, inkompetent, unfreundlich, unhöflich, sehr schlecht, miserabel, grauenhaft, "
    "unter aller sau, saftladen, sehr unzufrieden",
    negations="nicht, kein, keine, keinen, nie, niemals, ohne, nichts",
)

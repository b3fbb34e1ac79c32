"""Ce que l'on répond en français."""

from app.wording.replies.table import table

FRENCH_WORDS = table(
    stop="arrêt, arrêter, arrêtez, stop sms, désabonner, désabonnement, se désabonner, me désabonner, "
    "désinscription, désinscrire, se désinscrire, me désinscrire, fin",
    start="reprendre, réabonner",
    help="aide",
    unsubscribe_phrases="désabonnez-moi, désabonnez moi, désinscrivez-moi, désinscrivez moi, "
    "je veux me désabonner, je souhaite me désinscrire, je veux me désinscrire, ne m'envoyez plus, "
    "ne m'écrivez plus, ne me contactez plus, ne m'appelez plus, arrêtez de m'envoyer, "
    "arrêtez de m'écrire, arrêtez de me contacter, arrêtez de m'appeler, arrêtez les sms, "
    "arrêtez vos sms, arrêtez ces sms, arrêtez les messages, arrêtez vos messages, "
    "je ne veux plus recevoir de sms, je ne veux plus recevoir de messages, "
    "je ne veux plus recevoir vos messages, je ne veux plus recevoir vos sms, je ne veux plus de sms, "
    "je ne veux plus de messages, je ne souhaite plus recevoir de sms, "
    "je ne souhaite plus recevoir de messages, je ne souhaite plus recevoir vos messages, "
    "je ne souhaite plus être contacté, je ne souhaite plus être contactée, "
    "retirez-moi de votre liste, retirez moi de votre liste, enlevez-moi de votre liste, "
    "supprimez mon numéro, effacez mon numéro",
    # phrase entière seulement : « je ne reçois plus de SMS » est une plainte
    unsubscribe_clauses="plus de sms, plus de messages, plus de sms svp, plus de sms merci, "
    "laissez-moi tranquille, "
    "laissez moi tranquille, foutez-moi la paix, désinscription, désabonnement, "
    "je souhaite me désabonner, me désinscrire, me désabonner, désinscription svp, unsubscribe",
    labels={
        "csat": {
            5: "très satisfait, très satisfaite, entièrement satisfait, entièrement satisfaite, "
            "totalement satisfait, totalement satisfaite, extrêmement satisfait, extrêmement satisfaite",
            4: "satisfait, satisfaite",
            3: "ni satisfait ni insatisfait, ni satisfaite ni insatisfaite, neutre",
            2: "insatisfait, insatisfaite, peu satisfait, peu satisfaite, pas satisfait, "
            "pas satisfaite, mécontent, mécontente",
            1: "très insatisfait, très insatisfaite, pas du tout satisfait, pas du tout satisfaite, "
            "très mécontent, très mécontente",
        },
        "ownership": {
            5: "tout à fait disposé, tout à fait disposée, très disposé, très disposée",
            4: "disposé, disposée",
            3: "moyennement disposé, moyennement disposée, neutre",
            2: "peu disposé, peu disposée",
            1: "pas du tout disposé, pas du tout disposée, pas du tout",
        },
        "nps": {10: "très probable, extrêmement probable", 0: "pas du tout probable"},
        "fcr": {
            1: "oui, ouais, résolu, c'est résolu, oui c'est résolu, problème résolu",
            2: "non, pas résolu, non résolu, ce n'est pas résolu, c'est pas résolu, pas encore, toujours pas",
            3: "je ne sais pas, je ne sais pas encore, je sais pas, pas sûr, pas sûre",
        },
        "ces": {7: "très facile, extrêmement facile", 1: "très difficile, extrêmement difficile"},
        "reason": {
            1: "attitude du conseiller, l'attitude du conseiller, attitude, l'attitude, accueil, l'accueil",
            2: "problème non résolu, non résolu, pas résolu",
            3: "temps d'attente, attente, l'attente, le temps d'attente",
            4: "règles ou prix, règles, prix, le prix",
            5: "produit ou site web, produit ou site, produit, site, site web, le site",
            6: "autre, autre chose",
        },
    },
    numbers="zéro, un|une, deux, trois, quatre, cinq, six, sept, huit, neuf, dix",
    units="étoiles, étoile, points, point, pts",
    counters="seconde, secondes, minute, minutes, min, mn, mins, heure, heures, h, jour, jours, "
    "semaine, semaines, mois, ans, année, années, fois, x, appel, appels, personne, personnes, agent, "
    "agents, conseiller, conseillers, conseillère, conseillères, pour cent, euro, euros, de plus, de, "
    "des, d'",
    connectives="ou, à, et",
    out_of="sur",
    decimal_comma=True,
    lead_ins="réponse, ma réponse est, je réponds, note, ma note, ma note est, je donne, je donne un, "
    "je lui donne, je lui donne un, je mets, je mets un, je mettrais, je mettrais un, je dirais, "
    "je dirais un, je suis, c'est un, nous sommes",
    corrections="je voulais dire, je voulais mettre, je voulais répondre, modifier en, modifiez en, "
    "changer en, changez en, corriger en, corrigez en, correction, je corrige, je rectifie, "
    "je me suis trompé, je me suis trompée, plutôt, oups, *",
    courtesies="bonjour, bonsoir, salut, merci, merci beaucoup, merci bien, merci à vous, "
    "s'il vous plaît, s'il te plaît, svp, stp, pardon, désolé, désolée, excusez-moi, excusez moi, "
    "d'accord, ok, cordialement, bonne journée, au revoir",
    declines="non merci, non merci beaucoup",
    praise="excellent, excellente, parfait, parfaite, génial, géniale, formidable, super, très bien, "
    "très bon, très bonne, très aimable, très gentil, très gentille, très professionnel, impeccable, "
    "merveilleux, ravi, ravie, très satisfait, très satisfaite",
    fury="nul, nulle, horrible, terrible, catastrophique, lamentable, honteux, honteuse, scandaleux, "
    "scandaleuse, inadmissible, inacceptable, impoli, impolie, malpoli, malpolie, très mauvais, "
    "très mauvaise, incompétent, incompétente, très insatisfait, très insatisfaite, une honte",
    negations="pas, jamais, sans, aucun, aucune, rien, ni",
)

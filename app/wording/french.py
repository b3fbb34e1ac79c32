"""Français, avec le vouvoiement.

Chaque SMS tient en un message de 160 caractères GSM-7 avec une marque de 12. Cette table a é, è, à et ù, mais ni ê,
ni ç, ni ô, ni œ : les SMS s'en passent. Ailleurs, on écrit comme il se doit. Jamais d'espace insécable.
"""

from app.wording.keywords import KEYWORDS
from app.wording.segments import GSM_7
from app.wording.speech import FIVE_IS_BEST, answer_keys, key_scales, spoken_answers
from app.wording.texts import Catalogue, MailTexts, PageTexts, SpokenTexts

_LABELS = {
    "csat": {
        5: "Très satisfait",
        4: "Satisfait",
        3: "Ni satisfait ni insatisfait",
        2: "Insatisfait",
        1: "Très insatisfait",
    },
    "ownership": {
        5: "Tout à fait disposé",
        4: "Disposé",
        3: "Moyennement disposé",
        2: "Peu disposé",
        1: "Pas du tout disposé",
    },
    "nps": {10: "Très probable", 0: "Pas du tout probable"},
    "fcr": {1: "Oui", 2: "Non", 3: "Je ne sais pas encore"},
    "ces": {7: "Très facile", 1: "Très difficile"},
    "reason": {
        1: "Attitude du conseiller",
        2: "Problème non résolu",
        3: "Temps d'attente",
        4: "Règles ou prix",
        5: "Produit ou site web",
        6: "Autre",
    },
}

_PAGE = PageTexts(
    language="fr",
    labels=_LABELS,
    title_text="Votre appel à {brand}, {when}",
    prompts={
        "csat": "Dans quelle mesure êtes-vous satisfait de l'aide reçue ?",
        "csat.transferred": "Dans quelle mesure êtes-vous satisfait de l'aide de votre dernier interlocuteur ?",
        "ownership": "Dans quelle mesure le conseiller était-il disposé à vous aider ?",
        "ownership.transferred": "Dans quelle mesure votre dernier interlocuteur était-il disposé à vous aider ?",
        "nps": "Quelle est la probabilité que vous recommandiez {brand} à un proche ou à un collègue ?",
        "fcr": "Votre problème est-il résolu ?",
        "ces": "Dans quelle mesure a-t-il été facile de faire traiter votre demande ?",
        "reason": "Quelle est la raison principale ?",
        "comment": "Souhaitez-vous ajouter quelque chose ?",
        "comment.low": "Nous sommes désolés de vous avoir déçu. Qu'est-ce qui n'allait pas ?",
    },
    note="Moins d'une minute suffit. La personne qui vous a aidé ne verra pas votre nom.",
    choose="Veuillez choisir une réponse.",
    send="Envoyer",
    thanks="Merci.",
    change_until_text="Vous pouvez modifier vos réponses jusqu'au {until}.",
    closed="Ce questionnaire est clos.",
    help_text="Besoin d'aide ? {hotline}",
    optional="facultatif",
    if_low="Si quelque chose n'allait pas",
    change="Modifier mes réponses",
    saved="Enregistré",
    not_saved="Pas encore enregistré. Appuyez sur Envoyer.",
    partial_saved="Vos réponses jusqu'ici sont enregistrées.",
    already_text="Merci, nous avons vos réponses. Vous pouvez les modifier jusqu'au {until}.",
    problem="Il y a un problème",
    wrong="Veuillez choisir une des réponses proposées.",
    too_long_text="{most} caractères au maximum.",
    too_many="Trop de tentatives. Revenez dans quelques minutes.",
    privacy="Confidentialité",
    progress_text="Question {number} sur {total}",
)

_MAIL = MailTexts(
    language="fr",
    subject_text="Comment s'est passé votre appel ?",
    greeting_text="Bonjour, vous avez appelé {brand} le {when}.",
    preheader_text="Dites à {brand} comment cela s'est passé. Moins d'une minute suffit.",
    note="Moins d'une minute suffit. La personne qui vous a aidé ne verra pas votre nom.",
    help_text="Encore besoin d'aide ? {hotline}",
    privacy="Confidentialité",
    unsubscribe="Se désinscrire",
    open_page="Répondre sur une page web",
    reminder_subject_text="Rappel : comment s'est passé votre appel ?",
    reminder_text="Bonjour, vous avez appelé {brand} le {when}. Votre avis nous intéresse toujours ; "
    "nous ne vous solliciterons plus au sujet de cet appel.",
    unsubscribe_title="Se désinscrire",
    unsubscribe_question_text="Ne plus être interrogé par {brand} sur vos appels, par courriel, SMS et téléphone ?",
    unsubscribe_button="Se désinscrire",
    unsubscribed_text="{brand} ne vous interrogera plus sur vos appels, "
    "ni par courriel, ni par SMS, ni par téléphone.",
)

_KEYS = answer_keys(FIVE_IS_BEST)

_SPOKEN = SpokenTexts(
    language_code="fr-FR",
    speech_code="fr-FR",
    voice="Polly.Lea",
    prompts={
        "csat": "Dans quelle mesure êtes-vous satisfait de l'aide reçue ? "
        "Tapez 5 pour très satisfait, 4 pour satisfait, 3 pour ni satisfait ni insatisfait, "
        "2 pour insatisfait, 1 pour très insatisfait. Étoile pour réécouter.",
        "csat.transferred": "Dans quelle mesure êtes-vous satisfait de l'aide de votre dernier interlocuteur ? "
        "Tapez 5 pour très satisfait, 4 pour satisfait, 3 pour ni satisfait ni insatisfait, "
        "2 pour insatisfait, 1 pour très insatisfait. Étoile pour réécouter.",
        "ownership": "Dans quelle mesure le conseiller était-il disposé à vous aider ? "
        "Tapez de 5, tout à fait disposé, à 1, pas du tout disposé.",
        "ownership.transferred": "Dans quelle mesure votre dernier interlocuteur était-il disposé à vous aider ? "
        "Tapez de 5, tout à fait disposé, à 1, pas du tout disposé.",
        "fcr": "Votre problème est-il résolu ? Tapez 1 pour oui, 2 pour non, 3 si vous ne savez pas encore.",
        "nps": "Quelle est la probabilité que vous recommandiez {brand} à un proche ou à un collègue ? "
        "Tapez un nombre de 0, pas du tout probable, à 10, très probable, puis dièse.",
        "ces": "Dans quelle mesure a-t-il été facile de faire traiter votre demande ? "
        "Tapez de 7, très facile, à 1, très difficile.",
        "reason": "Quelle est la raison principale ? Tapez 1 pour l'attitude du conseiller, "
        "2 pour un problème non résolu, 3 pour le temps d'attente, 4 pour les règles ou le prix, "
        "5 pour le produit ou le site web, 6 pour une autre raison.",
        "comment": "Pour laisser un commentaire, parlez après le signal sonore, puis tapez dièse.",
        "comment.low": "Nous sommes désolés de vous avoir déçu. Pour nous dire ce qui n'allait pas, "
        "parlez après le signal sonore, puis tapez dièse.",
    },
    keys=_KEYS,
    scales=key_scales(FIVE_IS_BEST),
    speech=spoken_answers(_KEYS, KEYWORDS["fr"]),
    keywords=KEYWORDS["fr"],
    opening_text="Bonjour, ici {brand}, pour une enquête de 30 secondes sur votre appel d'aujourd'hui. "
    "Tapez 1 pour commencer, ou 9 pour ne plus recevoir ces appels.",
    opening_in_call_text="{brand} aimerait savoir comment s'est passé cet appel, en 30 secondes. "
    "Pour ne plus recevoir ces enquêtes, tapez 9.",
    invalid="Désolés, nous n'avons pas compris.",
    silence="Nous n'avons pas entendu votre réponse.",
    thanks="Merci.",
    goodbye="Au revoir.",
    closed="Ce questionnaire est clos. Merci, au revoir.",
    opted_out_text="{brand} ne vous interrogera plus par téléphone au sujet de vos appels. Au revoir.",
)

FRENCH = Catalogue(
    language="fr",
    version="fr-1",
    encoding=GSM_7,
    opt_out_suffix="STOP pour se désinscrire",
    label_gap=" ",
    labels=_LABELS,
    page=_PAGE,
    mail=_MAIL,
    spoken=_SPOKEN,
    texts={
        "ask_csat": "Votre satisfaction sur l'aide apportée ? "
        "Répondez 5 très satisfait, 4, 3, 2 ou 1 très insatisfait",
        "ask_csat.first": "{brand}: Merci de votre appel. Votre satisfaction sur l'aide apportée ? "
        "Répondez 5 très satisfait, 4, 3, 2 ou 1 très insatisfait. {opt_out}",
        "ask_csat.transferred": "Votre satisfaction sur l'aide de votre dernier interlocuteur ? "
        "Répondez 5 très satisfait, 4, 3, 2 ou 1 très insatisfait",
        "ask_csat.first.transferred": "{brand}: Votre satisfaction sur l'aide du dernier conseiller ? "
        "Répondez 5 très satisfait, 4, 3, 2 ou 1 très insatisfait. {opt_out}",
        "ask_ownership": "Le conseiller était-il disposé à vous aider ? "
        "Répondez 1-5 (5=tout à fait disposé, 1=pas du tout disposé)",
        "ask_ownership.first": "{brand}: Le conseiller était-il disposé à vous aider ? "
        "Répondez 1-5 (5=tout à fait disposé, 1=pas du tout disposé). {opt_out}",
        "ask_ownership.transferred": "Votre dernier interlocuteur était-il disposé à vous aider ? "
        "Répondez 1-5 (5=tout à fait disposé, 1=pas du tout disposé)",
        "ask_ownership.first.transferred": "{brand}: Le dernier conseiller était-il disposé à vous aider ? "
        "Répondez 1-5 (5=tout à fait disposé, 1=pas du tout disposé). {opt_out}",
        "ask_nps": "Quelle est la probabilité que vous recommandiez {brand} à un proche ou à un collègue ? "
        "Répondez 0-10 (0=pas du tout, 10=très probable)",
        "ask_nps.first": "{brand}: Quelle est la probabilité que vous nous recommandiez à un proche ? "
        "Répondez 0-10 (0=pas du tout, 10=très probable). {opt_out}",
        "ask_fcr": "Votre problème est-il résolu ? Répondez 1=oui, 2=non, 3=je ne sais pas encore",
        "ask_fcr.first": "{brand}: Merci de votre appel. Votre problème est-il résolu ? "
        "Répondez 1=oui, 2=non, 3=je ne sais pas encore. {opt_out}",
        "ask_ces": "A-t-il été facile de faire traiter votre demande ? "
        "Répondez 1-7 (7=très facile, 1=très difficile)",
        "ask_ces.first": "{brand}: A-t-il été facile de faire traiter votre demande ? "
        "Répondez 1-7 (7=très facile, 1=très difficile). {opt_out}",
        "ask_reason": "Quelle est la raison principale ? Répondez 1 attitude du conseiller, 2 non résolu, "
        "3 attente, 4 règles ou prix, 5 produit ou site, 6 autre",
        "ask_reason.first": "{brand}: Raison principale ? Répondez 1 attitude, 2 non résolu, "
        "3 attente, 4 règles ou prix, 5 produit ou site, 6 autre. {opt_out}",
        "ask_comment": "Pour finir, souhaitez-vous ajouter quelque chose ? "
        "Répondez avec vos mots ou ignorez ce message. Merci !",
        "ask_comment.first": "{brand}: Merci de votre appel. Souhaitez-vous ajouter quelque chose ? "
        "Répondez avec vos mots ou ignorez ce SMS. {opt_out}",
        "ask_comment_low": "Nous regrettons que cela se soit mal passé. Qu'est-ce qui n'allait pas ? "
        "Répondez avec vos mots ou ignorez ce message.",
        "ask_comment_low.first": "{brand}: Nous en sommes désolés. Qu'est-ce qui n'allait pas ? "
        "Répondez avec vos mots ou ignorez ce message. {opt_out}",
        "repeat_csat": "Désolés, nous n'avons pas compris. "
        "Répondez par un seul chiffre de 1 à 5 (5=très satisfait, 1=très insatisfait).",
        "repeat_ownership": "Désolés, nous n'avons pas compris. "
        "Répondez par un seul chiffre de 1 à 5 (5=tout à fait disposé, 1=pas du tout disposé).",
        "repeat_nps": "Désolés, nous n'avons pas compris. "
        "Répondez par un seul nombre de 0 à 10 (0=pas du tout probable, 10=très probable).",
        "repeat_fcr": "Désolés, nous n'avons pas compris. "
        "Répondez par un seul chiffre : 1=oui, 2=non, 3=je ne sais pas encore.",
        "repeat_ces": "Désolés, nous n'avons pas compris. "
        "Répondez par un seul chiffre de 1 à 7 (7=très facile, 1=très difficile).",
        "repeat_reason": "Désolés, nous n'avons pas compris. Répondez par un seul chiffre : 1 attitude, "
        "2 non résolu, 3 attente, 4 règles ou prix, 5 produit ou site, 6 autre.",
        "stopped": "{brand}: Vous ne recevrez plus nos demandes d'avis par SMS. Répondez START pour annuler.",
        "restarted": "{brand}: Vous recevrez de nouveau nos demandes d'avis par SMS. {opt_out}",
        "help": "{brand}: Nous demandons votre avis après un appel. Pour toute aide : {hotline}. {opt_out}",
        "help.plain": "{brand}: Nous demandons votre avis après un appel. {opt_out}",
        "late": "{brand}: Ce questionnaire est clos mais nous avons gardé votre message. "
        "Pour toute aide, appelez le {hotline}.",
        "late.plain": "{brand}: Ce questionnaire est clos mais nous avons gardé votre message.",
        "corrected": "{brand}: C'est noté : {noted}. Merci !",
        "corrected.low": "{brand}: C'est noté : {noted}. En cas d'erreur, répondez \"modifier en 5\" "
        "ou un autre chiffre.",
        "thanks": "{brand}: Merci, votre réponse est enregistrée.",
    },
)

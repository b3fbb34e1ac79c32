"""Español, de usted.

Cada SMS cabe en un mensaje de 160 caracteres GSM-7 con una marca de 12. Esa tabla tiene é y ñ pero no á, í, ó ni ú,
así que los SMS se redactan sin ellas. La página, el correo y la voz escriben como es debido.
"""

from app.wording.keywords import KEYWORDS
from app.wording.segments import GSM_7
from app.wording.speech import FIVE_IS_BEST, answer_keys, key_scales, spoken_answers
from app.wording.texts import Catalogue, MailTexts, PageTexts, SpokenTexts

_LABELS = {
    "csat": {
        5: "Muy satisfecho",
        4: "Satisfecho",
        3: "Ni satisfecho ni insatisfecho",
        2: "Insatisfecho",
        1: "Muy insatisfecho",
    },
    "ownership": {
        5: "Muy dispuesto",
        4: "Dispuesto",
        3: "Algo dispuesto",
        2: "Poco dispuesto",
        1: "Nada dispuesto",
    },
    "nps": {10: "Muy probable", 0: "Nada probable"},
    "fcr": {1: "Resuelto", 2: "No resuelto", 3: "No lo sé"},
    "ces": {7: "Muy sencillo", 1: "Muy complicado"},
    "reason": {
        1: "Trato del agente",
        2: "Sin resolver",
        3: "Tiempo de espera",
        4: "Normas o precio",
        5: "Producto o web",
        6: "Otro",
    },
}

_PAGE = PageTexts(
    language="es",
    labels=_LABELS,
    title_text="Su llamada a {brand}, {when}",
    prompts={
        "csat": "¿En qué medida está satisfecho con la ayuda que recibió?",
        "csat.transferred": "¿En qué medida está satisfecho con la ayuda de la última persona que le atendió?",
        "ownership": "¿En qué medida estaba el agente dispuesto a ayudarle?",
        "ownership.transferred": "¿En qué medida estaba dispuesta a ayudarle la última persona que le atendió?",
        "nps": "¿Qué probabilidad hay de que recomiende {brand} a un amigo o colega?",
        "fcr": "¿Se ha resuelto su problema?",
        "ces": "¿Hasta qué punto fue sencillo que atendieran su asunto?",
        "reason": "¿Cuál fue el motivo principal?",
        "comment": "¿Desea comentarnos algo?",
        "comment.low": "Sentimos haberle defraudado. ¿Qué ha fallado?",
    },
    note="Lleva menos de un minuto. La persona que le atendió no verá su nombre.",
    choose="Elija una respuesta.",
    send="Enviar",
    thanks="Gracias.",
    change_until_text="Puede cambiar sus respuestas hasta el {until}.",
    closed="Esta encuesta ya está cerrada.",
    help_text="¿Necesita ayuda? {hotline}",
    optional="opcional",
    if_low="Si algo fue mal",
    change="Cambiar mis respuestas",
    saved="Guardado",
    not_saved="Todavía no se ha guardado. Pulse Enviar.",
    partial_saved="Lo que ha contestado hasta ahora está guardado.",
    already_text="Gracias, tenemos sus respuestas. Puede cambiarlas hasta el {until}.",
    problem="Hay un problema",
    wrong="Elija una de las respuestas que se muestran.",
    too_long_text="Use como máximo {most} caracteres.",
    too_many="Demasiados intentos. Vuelva dentro de unos minutos.",
    privacy="Privacidad",
    progress_text="Pregunta {number} de {total}",
)

_MAIL = MailTexts(
    language="es",
    subject_text="¿Qué tal le atendimos en su llamada?",
    greeting_text="Hola, usted llamó a {brand} el {when}.",
    preheader_text="Cuéntele a {brand} cómo fue. Lleva menos de un minuto.",
    note="Lleva menos de un minuto. La persona que le atendió no verá su nombre.",
    help_text="¿Sigue necesitando ayuda? {hotline}",
    privacy="Privacidad",
    unsubscribe="Darse de baja",
    open_page="Responder en una página web",
    reminder_subject_text="Recordatorio: ¿qué tal le atendimos en su llamada?",
    reminder_text="Hola, usted llamó a {brand} el {when}. Nos sigue interesando saber cómo fue; "
    "no volveremos a preguntarle por esta llamada.",
    unsubscribe_title="Darse de baja",
    unsubscribe_question_text="¿Desea que {brand} deje de preguntarle por sus llamadas, "
    "por correo, SMS y teléfono?",
    unsubscribe_button="Darse de baja",
    unsubscribed_text="{brand} no le preguntará más por sus llamadas, "
    "ni por correo, ni por SMS, ni por teléfono.",
)

_KEYS = answer_keys(FIVE_IS_BEST)

_SPOKEN = SpokenTexts(
    language_code="es-ES",
    speech_code="es-ES",
    voice="Polly.Lucia",
    prompts={
        "csat": "¿En qué medida está satisfecho con la ayuda que recibió? Pulse 5 si está muy satisfecho, "
        "4 si está satisfecho, 3 si ni satisfecho ni insatisfecho, 2 si está insatisfecho, "
        "1 si está muy insatisfecho. Asterisco para repetir.",
        "csat.transferred": "¿En qué medida está satisfecho con la ayuda de la última persona que le atendió? "
        "Pulse 5 si está muy satisfecho, 4 si está satisfecho, 3 si ni satisfecho ni insatisfecho, "
        "2 si está insatisfecho, 1 si está muy insatisfecho. Asterisco para repetir.",
        "ownership": "¿En qué medida estaba el agente dispuesto a ayudarle? "
        "Pulse de 5, muy dispuesto, a 1, nada dispuesto.",
        "ownership.transferred": "¿En qué medida estaba dispuesta a ayudarle la última persona que le atendió? "
        "Pulse de 5, muy dispuesta, a 1, nada dispuesta.",
        "fcr": "¿Se ha resuelto su problema? Pulse 1 si se ha resuelto, 2 si no, 3 si todavía no lo sabe.",
        "nps": "¿Qué probabilidad hay de que recomiende {brand} a un amigo o colega? Marque un número de 0, "
        "nada probable, a 10, muy probable, y después almohadilla o numeral.",
        "ces": "¿Hasta qué punto fue sencillo que atendieran su asunto? Pulse de 7, muy sencillo, a 1, "
        "muy complicado.",
        "reason": "¿Cuál fue el motivo principal? Pulse 1 por el trato del agente, 2 si quedó sin resolver, "
        "3 por el tiempo de espera, 4 por las normas o el precio, 5 por el producto o la web, 6 por otro motivo.",
        "comment": "Para dejar un comentario, hable después de la señal y pulse almohadilla o numeral.",
        "comment.low": "Sentimos haberle defraudado. Para decirnos qué ha fallado, "
        "hable después de la señal y pulse almohadilla o numeral.",
    },
    keys=_KEYS,
    scales=key_scales(FIVE_IS_BEST),
    speech=spoken_answers(_KEYS, KEYWORDS["es"]),
    keywords=KEYWORDS["es"],
    opening_text="Hola, le llamamos de {brand} para una encuesta de 30 segundos sobre su llamada de hoy. "
    "Pulse 1 para empezar o 9 para no recibir más estas llamadas.",
    opening_in_call_text="A {brand} le gustaría saber qué tal fue esta llamada. Son 30 segundos. "
    "Para no recibir más estas encuestas, pulse 9.",
    invalid="No le hemos entendido.",
    silence="No hemos oído su respuesta.",
    thanks="Gracias.",
    goodbye="Adiós.",
    closed="Esta encuesta ya está cerrada. Gracias, adiós.",
    opted_out_text="{brand} no volverá a preguntarle por teléfono por sus llamadas. Adiós.",
)

SPANISH = Catalogue(
    language="es",
    version="es-1",
    encoding=GSM_7,
    opt_out_suffix="STOP para darse de baja",
    label_gap=" ",
    labels=_LABELS,
    page=_PAGE,
    mail=_MAIL,
    spoken=_SPOKEN,
    texts={
        "ask_csat": "¿Le ha satisfecho la ayuda recibida? "
        "Responda 5 muy satisfecho, 4, 3, 2 o 1 muy insatisfecho",
        "ask_csat.first": "{brand}: Gracias por llamar. ¿Le ha satisfecho la ayuda recibida? "
        "Responda 5 muy satisfecho, 4, 3, 2 o 1 muy insatisfecho. {opt_out}",
        "ask_csat.transferred": "¿Le ha satisfecho la ayuda de quien le ha atendido al final? "
        "Responda 5 muy satisfecho, 4, 3, 2 o 1 muy insatisfecho",
        "ask_csat.first.transferred": "{brand}: ¿Le ha satisfecho quien le ha atendido al final? "
        "Responda 5 muy satisfecho, 4, 3, 2 o 1 muy insatisfecho. {opt_out}",
        "ask_ownership": "¿Estaba el agente dispuesto a ayudarle? "
        "Responda 1-5 (5=muy dispuesto, 1=nada dispuesto)",
        "ask_ownership.first": "{brand}: Gracias por llamar. ¿Estaba el agente dispuesto a ayudarle? "
        "Responda 1-5 (5=muy dispuesto, 1=nada dispuesto). {opt_out}",
        "ask_ownership.transferred": "¿Estaba dispuesto a ayudarle quien le ha atendido al final? "
        "Responda 1-5 (5=muy dispuesto, 1=nada dispuesto)",
        "ask_ownership.first.transferred": "{brand}: ¿Estaba dispuesto a ayudarle quien le ha atendido al final? "
        "Responda 1-5 (5=muy dispuesto, 1=nada dispuesto). {opt_out}",
        "ask_nps": "¿Qué probabilidad hay de que recomiende {brand} a un amigo o colega? "
        "Responda 0-10 (0=nada probable, 10=muy probable)",
        "ask_nps.first": "{brand}: ¿Qué probabilidad hay de que nos recomiende a un amigo o colega? "
        "Responda 0-10 (0=nada probable, 10=muy probable). {opt_out}",
        "ask_fcr": "¿Se ha resuelto su problema? Responda 1=resuelto, 2=no resuelto, 3=no lo sé",
        "ask_fcr.first": "{brand}: Gracias por llamar. ¿Se ha resuelto su problema? "
        "Responda 1=resuelto, 2=no resuelto, 3=no lo sé. {opt_out}",
        "ask_ces": "¿Fue sencillo que atendieran su asunto? Responda 1-7 (7=muy sencillo, 1=muy complicado)",
        "ask_ces.first": "{brand}: Gracias por llamar. ¿Fue sencillo que atendieran su asunto? "
        "Responda 1-7 (7=muy sencillo, 1=muy complicado). {opt_out}",
        "ask_reason": "¿Motivo principal? Responda 1 trato del agente, 2 sin resolver, 3 espera, "
        "4 normas o precio, 5 producto o web, 6 otro",
        "ask_reason.first": "{brand}: ¿Motivo principal? Responda 1 trato del agente, 2 sin resolver, "
        "3 espera, 4 normas o precio, 5 producto o web, 6 otro. {opt_out}",
        "ask_comment": "Para terminar, ¿desea comentarnos algo? "
        "Responda con sus palabras o ignore este mensaje. ¡Gracias!",
        "ask_comment.first": "{brand}: Gracias por llamar. ¿Desea comentarnos algo? "
        "Responda con sus palabras o ignore este mensaje. {opt_out}",
        "ask_comment_low": "Sentimos haberle defraudado. ¿Qué ha fallado? "
        "Responda con sus palabras o ignore este mensaje.",
        "ask_comment_low.first": "{brand}: Sentimos haberle defraudado. ¿Qué ha fallado? "
        "Responda con sus palabras o ignore este mensaje. {opt_out}",
        "repeat_csat": "No hemos entendido su respuesta. "
        "Responda solo con una cifra del 1 al 5 (5=muy satisfecho, 1=muy insatisfecho).",
        "repeat_ownership": "No hemos entendido su respuesta. "
        "Responda solo con una cifra del 1 al 5 (5=muy dispuesto, 1=nada dispuesto).",
        "repeat_nps": "No hemos entendido su respuesta. "
        "Responda solo con una cifra del 0 al 10 (0=nada probable, 10=muy probable).",
        "repeat_fcr": "No hemos entendido su respuesta. "
        "Responda solo con una cifra: 1=resuelto, 2=no resuelto, 3=no lo sé.",
        "repeat_ces": "No hemos entendido su respuesta. "
        "Responda solo con una cifra del 1 al 7 (7=muy sencillo, 1=muy complicado).",
        "repeat_reason": "No le hemos entendido. Responda solo con una cifra: 1 trato del agente, 2 sin resolver, "
        "3 espera, 4 normas o precio, 5 producto o web, 6 otro.",
        "stopped": "{brand}: Baja confirmada, dejamos de enviarle encuestas por SMS. "
        "Responda START para deshacerlo.",
        "restarted": "{brand}: Vuelve a recibir nuestras encuestas por SMS. {opt_out}",
        "help": "{brand}: Encuesta tras su llamada. Para recibir ayuda llame al {hotline}. {opt_out}",
        "help.plain": "{brand}: Encuesta tras su llamada. {opt_out}",
        "late": "{brand}: La encuesta ya se ha cerrado, pero guardamos su mensaje. "
        "Para recibir ayuda llame al {hotline}.",
        "late.plain": "{brand}: La encuesta ya se ha cerrado, pero guardamos su mensaje.",
        "corrected": "{brand}: Hemos anotado: {noted}. ¡Gracias!",
        "corrected.low": '{brand}: Hemos anotado: {noted}. Si fue un error, responda "cambiar a 5" u otra cifra.',
        "thanks": "{brand}: Gracias, hemos anotado su respuesta.",
    },
)

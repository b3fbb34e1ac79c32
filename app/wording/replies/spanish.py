"""Lo que se contesta en español."""

from app.wording.replies.table import table

SPANISH_WORDS = table(
    stop="baja, parar, pare, detener, cancelar, salir, darme de baja, dar de baja, darse de baja, "
    "cancelar suscripción, fin",
    start="empezar, reanudar",
    help="ayuda",
    unsubscribe_phrases="no me envíen más mensajes, no me envíe más mensajes, "
    "no me manden más mensajes, no me mande más mensajes, no me escriban más, no me escriba más, "
    "no me llamen más, no me contacten más, no me envíen más sms, no me manden más sms, "
    "no envíen más mensajes, no envíen más sms, dejen de enviarme mensajes, "
    "dejen de mandarme mensajes, dejen de enviarme sms, dejen de escribirme, "
    "deje de enviarme mensajes, dejen de llamarme, dejen de molestarme, "
    "no quiero recibir más mensajes, no quiero más mensajes, no quiero recibir mensajes, "
    "no quiero recibir sms, no quiero más sms, no quiero recibir más sms, "
    "no deseo recibir más mensajes, quítenme de la lista, quítenme de su lista, sáquenme de la lista, "
    "sáquenme de su lista, bórrenme de la lista, bórrenme de su lista, borren mi número, "
    "eliminen mi número, darme de baja de estos mensajes, darme de baja de los mensajes, "
    "darme de baja de las encuestas",
    # solo como frase entera: "quiero darme de baja de internet" pide otra cosa
    unsubscribe_clauses="quiero darme de baja, quiero la baja, deseo darme de baja, solicito la baja, "
    "denme de baja, deme de baja, dame de baja, darme de baja, baja, por favor baja, no más mensajes, "
    "no más sms, no molesten, no molestar, déjenme en paz, cancelar suscripción, unsubscribe",
    labels={
        "csat": {
            5: "muy satisfecho, muy satisfecha, totalmente satisfecho, totalmente satisfecha, "
            "completamente satisfecho, completamente satisfecha",
            4: "satisfecho, satisfecha",
            3: "ni satisfecho ni insatisfecho, ni satisfecha ni insatisfecha, neutral",
            2: "insatisfecho, insatisfecha, poco satisfecho, poco satisfecha, no satisfecho, "
            "no satisfecha, no estoy satisfecho, no estoy satisfecha",
            1: "muy insatisfecho, muy insatisfecha, nada satisfecho, nada satisfecha, "
            "totalmente insatisfecho, totalmente insatisfecha",
        },
        "ownership": {
            5: "muy dispuesto, muy dispuesta, totalmente dispuesto, totalmente dispuesta",
            4: "dispuesto, dispuesta",
            3: "algo dispuesto, algo dispuesta, neutral",
            2: "poco dispuesto, poco dispuesta",
            1: "nada dispuesto, nada dispuesta",
        },
        "nps": {10: "muy probable, sumamente probable", 0: "nada probable"},
        "fcr": {
            1: "sí, sí señor, resuelto, está resuelto, ya está resuelto, se ha resuelto, ya se resolvió",
            2: "no, no resuelto, sin resolver, no está resuelto, todavía no, aún no, no se ha resuelto",
            3: "no lo sé, no lo sé todavía, todavía no lo sé, aún no lo sé, no sé, no estoy seguro, "
            "no estoy segura",
        },
        "ces": {7: "muy sencillo, muy fácil", 1: "muy complicado, muy difícil"},
        "reason": {
            1: "trato del agente, el trato del agente, trato, el trato",
            2: "sin resolver, no resuelto",
            3: "tiempo de espera, espera, la espera",
            4: "normas o precio, normas, precio, el precio",
            5: "producto o web, producto, web, la web",
            6: "otro, otra, otros, otra cosa",
        },
    },
    numbers="cero, uno, dos, tres, cuatro, cinco, seis, siete, ocho, nueve, diez",
    units="estrellas, estrella, puntos, punto",
    counters="segundo, segundos, minuto, minutos, min, mins, hora, horas, h, día, días, semana, "
    "semanas, mes, meses, año, años, vez, veces, x, llamada, llamadas, persona, personas, agente, "
    "agentes, operador, operadores, operadora, por ciento, euro, euros, peso, pesos, dólar, dólares, "
    "más, de",
    connectives="o, ó, u, a, y, e, hasta",
    out_of="de, sobre",
    decimal_comma=True,
    lead_ins="respuesta, mi respuesta es, respondo, responder, nota, mi nota es, puntuación, "
    "mi puntuación es, calificación, mi calificación es, doy, doy un, le doy, le doy un, les doy un, "
    "pongo, pongo un, le pongo, le pongo un, un, diría, diría que, diría que un, yo diría, "
    "creo que un, estoy, quedé, me siento",
    corrections="quise decir, quería decir, quise poner, quería poner, me equivoqué, corrección, "
    "corrijo, cambiar a, cambiar por, cambio a, cámbielo a, cámbielo por, cambien a, rectifico, "
    "debería ser, tenía que ser, ups, *",
    courtesies="hola, buenas, buenos días, buenas tardes, buenas noches, gracias, muchas gracias, "
    "mil gracias, por favor, porfa, perdón, perdone, disculpe, disculpen, lo siento, vale, de acuerdo, "
    "ok, okey, saludos, un saludo",
    declines="no gracias, no muchas gracias",
    praise="excelente, perfecto, perfecta, maravilloso, maravillosa, fantástico, fantástica, genial, "
    "muy amable, muy bien, muy bueno, muy buena, estupendo, estupenda, encantado, encantada, "
    "muy satisfecho, muy satisfecha",
    fury="pésimo, pésima, horrible, fatal, terrible, una vergüenza, vergonzoso, vergonzosa, "
    "inaceptable, maleducado, maleducada, grosero, grosera, muy mal, muy malo, muy mala, inútil, "
    "inútiles, indignante, asqueroso, lamentable, muy insatisfecho, muy insatisfecha",
    negations="no, ni, nada, nunca, sin",
)

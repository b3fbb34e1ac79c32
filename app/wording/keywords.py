"""The words by which replies are understood, in both languages at once: people answer in the one they think in.

Only single letters (回T退订) depend on the survey's language: in English they are too short to mean to stop.
0 is never among them: it is an answer to NPS. YES is no opt-in: it answers a question.
"""

from dataclasses import replace

from app.domain.keywords import Keywords

# Twilio's defaults; each is caught when it is the whole message
_CARRIER_STOP_WORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
)

_UNSUBSCRIBE_PHRASES = (
    "unsubscribe me",
    "opt me out",
    "i want to unsubscribe",
    "i want to opt out",
    "stop texting",
    "stop calling me",
    "stop messaging me",
    "stop contacting me",
    "stop sending me texts",
    "stop sending me text messages",
    "stop sending me messages",
    "stop sending texts",
    "stop sending messages",
    "stop these texts",
    "stop these messages",
    "don't text me",
    "dont text me",
    "do not text me",
    "don't contact me",
    "do not contact me",
    "no more texts",
    "no more text messages",
    "take me off your list",
    "take me off this list",
    "remove me from your list",
    "remove me from this list",
    "remove my number",
    "不要再发短信",
    "不要再给我发短信",
    "不要给我发短信",
    "不要再发信息",
    "不要再给我发信息",
    "别再发短信",
    "别再给我发短信",
    "别给我发短信",
    "别再发信息",
    "别再给我发信息",
    "停止发送短信",
    "停止发短信",
    "不想再收到短信",
    "不想收到短信",
    "退订短信",
    "退订这个短信",
    "退订评价短信",
)

# a clause of their own only: 我要退订宽带 asks the company for something else
_UNSUBSCRIBE_CLAUSES = frozenset(
    {
        "unsubscribe",
        "please unsubscribe",
        "remove me",
        "please remove me",
        "leave me alone",
        "不要发了",
        "别发了",
        "别再发了",
        "別再發了",
        "不要再发了",
        "别发短信了",
        "不要发短信了",
        "别烦我",
        "回t退订",
        "回复t退订",
        "回复td退订",
        "拒收请回复r",
        "回复r",
        "回复t",
        "opt out",
        "opt-out",
        "please opt out",
        "退订",
        "拒收",
        "我要退订",
        "我想退订",
        "请退订",
        "请帮我退订",
        "帮我退订",
        "给我退订",
        "麻烦退订",
        "我要拒收",
        "取消订阅",
        "我要取消订阅",
    }
)

_LABELS = {
    "csat": {
        "very satisfied": 5,
        "extremely satisfied": 5,
        "completely satisfied": 5,
        "satisfied": 4,
        "neither": 3,
        "neutral": 3,
        "neither satisfied nor dissatisfied": 3,
        "dissatisfied": 2,
        "unsatisfied": 2,
        "not satisfied": 2,
        "very dissatisfied": 1,
        "very unsatisfied": 1,
        "extremely dissatisfied": 1,
        "非常满意": 5,
        "很满意": 5,
        "十分满意": 5,
        "特别满意": 5,
        "满分": 5,
        "满意": 4,
        "比较满意": 4,
        "一般": 3,
        "不满意": 2,
        "不太满意": 2,
        "非常不满意": 1,
        "很不满意": 1,
        "十分不满意": 1,
        "特别不满意": 1,
    },
    "ownership": {
        "very willing": 5,
        "extremely willing": 5,
        "willing": 4,
        "somewhat willing": 3,
        "neutral": 3,
        "not very willing": 2,
        "not at all": 1,
        "not at all willing": 1,
        "非常愿意": 5,
        "很愿意": 5,
        "十分愿意": 5,
        "满分": 5,
        "愿意": 4,
        "比较愿意": 4,
        "一般": 3,
        "不太愿意": 2,
        "很不愿意": 1,
        "非常不愿意": 1,
    },
    # 满分 is left out: full marks of ten, or the 100 that people think in, must be asked again
    "nps": {
        "extremely likely": 10,
        "not at all likely": 0,
        "非常可能": 10,
        "完全不可能": 0,
    },
    "fcr": {
        "yes": 1,
        "yes it is": 1,
        "resolved": 1,
        "no": 2,
        "not resolved": 2,
        "unresolved": 2,
        "not yet": 2,
        "not sure": 3,
        "not sure yet": 3,
        "i'm not sure": 3,
        "unsure": 3,
        "是": 1,
        "是的": 1,
        "解决了": 1,
        "已解决": 1,
        "已经解决": 1,
        "已经解决了": 1,
        "否": 2,
        "没有": 2,
        "没解决": 2,
        "没有解决": 2,
        "未解决": 2,
        "还没有": 2,
        "还没解决": 2,
        "不确定": 3,
        "还不确定": 3,
    },
}

_NUMBERS = {
    "zero": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
    "⑩": 10,
}

_UNITS = ("stars", "star", "points", "point", "pts", "分", "颗星", "星")

# words that often begin a comment are left out: 人工, 周到, 通话, 回复, 到位
_COUNTERS = (
    *("second", "seconds", "sec", "secs", "minute", "minutes", "min", "mins", "hour", "hours", "hr", "hrs"),
    *("day", "days", "week", "weeks", "month", "months", "year", "years", "am", "pm", "o'clock"),
    *("time", "times", "call", "calls", "people", "person", "persons", "agent", "agents", "percent"),
    *("dollar", "dollars", "euro", "euros", "pound", "pounds", "more", "of", "out of"),
    *(
        "分钟",
        "分钱",
        "秒",
        "小时",
        "个",
        "天",
        "日",
        "星期",
        "礼拜",
        "月",
        "年",
        "点",
        "次",
        "遍",
        "位",
        "块",
        "元",
        "折",
    ),
)

_CONNECTIVES = ("or", "to", "and", "或", "或者", "到", "至", "和")

_LEAD_INS = (
    *(
        "reply",
        "answer",
        "my answer is",
        "score",
        "my score is",
        "rating",
        "my rating is",
        "i give",
        "i'd give",
    ),
    *("i'd give it", "i'd give it a", "i give it", "i give it a", "i'd say", "i would say", "i am", "i'm"),
    *("回复", "选", "我选", "选择", "我选择", "评分", "打", "给", "我给", "我打", "我觉得", "我"),
)

_CORRECTIONS = (
    *("i meant", "meant", "i mean", "i meant to say", "i meant to reply", "change to", "change it to"),
    *("change my answer to", "change my score to", "correction", "it should be", "should be", "make it"),
    *("make that", "oops", "*"),
    *(
        "改",
        "改为",
        "改成",
        "更改为",
        "更正",
        "更正为",
        "更正成",
        "应该是",
        "应为",
        "应该选",
        "我想选",
        "我是说",
    ),
    *("按错了", "按错", "发错了", "打错了", "选错了", "回错了"),
)

_COURTESIES = (
    *("sorry", "please", "pls", "hi", "hello", "ok", "okay", "thanks", "thank you", "thank you very much"),
    *(
        "thanks a lot",
        "thx",
        "cheers",
        "您好",
        "你好",
        "好的",
        "抱歉",
        "不好意思",
        "谢谢",
        "谢谢你",
        "谢谢您",
        "多谢",
    ),
)

_PRAISE = (
    *("excellent", "great", "perfect", "wonderful", "amazing", "fantastic", "brilliant", "very helpful"),
    *("very good", "well done", "best service"),
    *("很好", "非常好", "太好了", "特别好", "很棒", "太棒了", "很满意", "非常满意", "完美", "优秀", "👍"),
)

_FURY = (
    *("terrible", "awful", "horrible", "worst", "useless", "disgusting", "disgrace", "furious", "rude"),
    *("appalling", "unacceptable", "very bad", "very dissatisfied"),
    *("太差", "很差", "极差", "差劲", "垃圾", "恶劣", "气死", "愤怒", "骗子", "糟糕", "😡", "🤬"),
)

_NEGATIONS = ("not ", "n't ", "no ", "never ", "nothing ", "不", "没", "无", "别", "非")

ENGLISH_KEYWORDS = Keywords(
    carrier_stop_words=_CARRIER_STOP_WORDS,
    stop_words=_CARRIER_STOP_WORDS | {"stop all", "opt out", "opt-out", "td", "退订", "拒收"},
    opt_in_words=frozenset({"start", "unstop", "开通"}),
    help_words=frozenset({"help", "info", "帮助"}),
    unsubscribe_phrases=_UNSUBSCRIBE_PHRASES,
    unsubscribe_clauses=_UNSUBSCRIBE_CLAUSES,
    particles="了吧啊呀哦嘛啦",
    labels=_LABELS,
    numbers=_NUMBERS,
    units=_UNITS,
    counters=_COUNTERS,
    connectives=_CONNECTIVES,
    lead_ins=_LEAD_INS,
    corrections=_CORRECTIONS,
    courtesies=_COURTESIES,
    praise=_PRAISE,
    fury=_FURY,
    negations=_NEGATIONS,
)

CHINESE_KEYWORDS = replace(ENGLISH_KEYWORDS, stop_words=ENGLISH_KEYWORDS.stop_words | {"t", "n", "r"})

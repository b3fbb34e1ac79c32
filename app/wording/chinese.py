"""简体中文. Each text fits one message of 70 UCS-2 characters with a brand of four. The signature 【】 stands in
every text: carriers in China want it there."""

from app.wording.texts import Catalogue, PageTexts

_LABELS = {
    "csat": {5: "非常满意", 4: "满意", 3: "一般", 2: "不满意", 1: "非常不满意"},
    "ownership": {5: "非常愿意", 4: "愿意", 3: "一般", 2: "不太愿意", 1: "很不愿意"},
    "nps": {10: "非常可能", 0: "完全不可能"},
    "fcr": {1: "已解决", 2: "未解决", 3: "还不确定"},
}

_PAGE = PageTexts(
    language="zh-Hans",
    labels=_LABELS,
    title_text="您{when}致电{brand}",
    prompts={
        "csat": "您对客服的服务满意吗?",
        "csat.transferred": "您对最后一位客服的服务满意吗?",
        "ownership": "这位客服是否愿意尽力帮您?",
        "ownership.transferred": "最后一位客服是否愿意尽力帮您?",
        "nps": "您有多大可能向朋友或同事推荐{brand}?",
        "fcr": "您的问题解决了吗?",
        "comment": "有什么想对我们说的?",
        "comment.low": "抱歉没让您满意。哪里做得不好?",
    },
    note="约需1分钟。客服人员不会看到您的姓名。",
    choose="请选择一项。",
    send="提交",
    thanks="谢谢!",
    change_until_text="{until}前可以修改。",
    closed="本次评价已结束。",
    help_text="需要帮助请致电{hotline}",
)

CHINESE = Catalogue(
    language="zh",
    version="zh-1",
    opt_out_suffix="拒收请回复R",
    label_gap="",
    labels=_LABELS,
    page=_PAGE,
    texts={
        "ask_csat": "【{brand}】您对客服的服务满意吗?回复5非常满意 4满意 3一般 2不满意 1非常不满意",
        "ask_csat.first": "【{brand}】您刚才来电,对客服的服务满意吗?"
        "回复5非常满意 4满意 3一般 2不满意 1非常不满意。{opt_out}",
        "ask_csat.transferred": "【{brand}】您对最后一位客服的服务满意吗?"
        "回复5非常满意 4满意 3一般 2不满意 1非常不满意",
        "ask_csat.first.transferred": "【{brand}】您刚才来电,对最后一位客服的服务满意吗?"
        "回复5非常满意 4满意 3一般 2不满意 1非常不满意。{opt_out}",
        "ask_ownership": "【{brand}】这位客服是否愿意尽力帮您?回复5非常愿意 4愿意 3一般 2不太愿意 1很不愿意",
        "ask_ownership.first": "【{brand}】您刚才来电,这位客服是否愿意尽力帮您?"
        "回复5非常愿意 4愿意 3一般 2不太愿意 1很不愿意。{opt_out}",
        "ask_ownership.transferred": "【{brand}】最后一位客服是否愿意尽力帮您?"
        "回复5非常愿意 4愿意 3一般 2不太愿意 1很不愿意",
        "ask_ownership.first.transferred": "【{brand}】您刚才来电,最后一位客服是否愿意尽力帮您?"
        "回复5非常愿意 4愿意 3一般 2不太愿意 1很不愿意。{opt_out}",
        "ask_nps": "【{brand}】您有多大可能向朋友或同事推荐我们?请回复0到10:0完全不可能,10非常可能",
        "ask_nps.first": "【{brand}】您刚才来电,有多大可能向朋友或同事推荐我们?"
        "请回复0到10:0完全不可能,10非常可能。{opt_out}",
        "ask_fcr": "【{brand}】您的问题解决了吗?回复1已解决 2未解决 3还不确定",
        "ask_fcr.first": "【{brand}】您刚才来电,您的问题解决了吗?回复1已解决 2未解决 3还不确定。{opt_out}",
        "ask_comment": "【{brand}】最后,有什么想对我们说的?直接回复即可,不填也没关系。谢谢!",
        "ask_comment.first": "【{brand}】您刚才来电,有什么想对我们说的?直接回复即可,不填也没关系。{opt_out}",
        "ask_comment_low": "【{brand}】抱歉没让您满意。哪里做得不好?请直接回复告诉我们,不填也没关系。",
        "ask_comment_low.first": "【{brand}】抱歉没让您满意。哪里做得不好?"
        "请直接回复告诉我们,不填也没关系。{opt_out}",
        "repeat_csat": "【{brand}】没能识别您的回复。"
        "请只回复一个数字:5非常满意 4满意 3一般 2不满意 1非常不满意",
        "repeat_ownership": "【{brand}】没能识别您的回复。"
        "请只回复一个数字:5非常愿意 4愿意 3一般 2不太愿意 1很不愿意",
        "repeat_nps": "【{brand}】没能识别您的回复。请只回复0到10的一个数字:0完全不可能,10非常可能",
        "repeat_fcr": "【{brand}】没能识别您的回复。请只回复一个数字:1已解决 2未解决 3还不确定",
        "stopped": "【{brand}】已停止向您发送评价短信。如需恢复请回复“开通”。",
        "restarted": "【{brand}】已恢复向您发送评价短信。{opt_out}",
        "help": "【{brand}】这是来电后的服务评价短信。需要帮助请致电{hotline}。{opt_out}",
        "help.plain": "【{brand}】这是来电后的服务评价短信。{opt_out}",
        "late": "【{brand}】本次评价已结束,您的留言我们已收到。需要帮助请致电{hotline}。",
        "late.plain": "【{brand}】本次评价已结束,您的留言我们已收到。",
        "corrected": "【{brand}】已记录:{noted}。谢谢!",
        "corrected.low": "【{brand}】已记录:{noted}。如按错,请回复“改5”等更正。",
        "thanks": "【{brand}】已记录,谢谢您的评价!",
    },
)

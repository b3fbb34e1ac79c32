"""简体中文. Each text fits one message of 70 UCS-2 characters with a brand of four. The signature 【】 stands in
every text: carriers in China want it there."""

from app.wording.keywords import KEYWORDS
from app.wording.segments import UCS_2
from app.wording.speech import ONE_IS_BEST, answer_keys, key_scales, spoken_answers
from app.wording.texts import Catalogue, MailTexts, PageTexts, SpokenTexts

_LABELS = {
    "csat": {5: "非常满意", 4: "满意", 3: "一般", 2: "不满意", 1: "非常不满意"},
    "ownership": {5: "非常愿意", 4: "愿意", 3: "一般", 2: "不太愿意", 1: "很不愿意"},
    "nps": {10: "非常可能", 0: "完全不可能"},
    "fcr": {1: "已解决", 2: "未解决", 3: "还不确定"},
    "ces": {7: "非常容易", 1: "非常困难"},
    "reason": {1: "服务态度", 2: "问题没解决", 3: "等待太久", 4: "规定或价格", 5: "产品或网站", 6: "其他"},
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
        "ces": "您的问题处理起来容易吗?",
        "reason": "主要原因是?",
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
    optional="选填",
    if_low="如有不满意之处",
    change="修改我的评价",
    saved="已保存",
    not_saved="尚未保存,请点击“提交”。",
    partial_saved="您已填写的内容已保存。",
    already_text="谢谢!您的评价已收到,{until}前可以修改。",
    problem="请检查以下内容",
    wrong="请从所列选项中选择一项。",
    too_long_text="请不要超过{most}个字。",
    too_many="操作过于频繁,请过几分钟再试。",
    privacy="隐私",
    progress_text="第{number}题,共{total}题",
)

_MAIL = MailTexts(
    language="zh-Hans",
    subject_text="请评价您{when_day}的来电服务",
    greeting_text="您好!您于{when}致电{brand}。",
    preheader_text="请告诉{brand}这次服务怎么样,约需1分钟。",
    note="约需1分钟。客服人员不会看到您的姓名。",
    help_text="仍需帮助请致电{hotline}",
    privacy="隐私",
    unsubscribe="退订",
    open_page="打开网页评价",
    reminder_subject_text="提醒:请评价您{when_day}的来电服务",
    reminder_text="您好!您于{when}致电{brand}。我们仍希望听到您的评价;关于这次来电,我们不会再发邮件打扰您。",
    unsubscribe_title="退订",
    unsubscribe_question_text="不再接收{brand}的来电评价邀请(邮件、短信和电话)吗?",
    unsubscribe_button="退订",
    unsubscribed_text="{brand}不会再通过邮件、短信或电话邀请您评价。",
)

# callers in mainland China expect 1 to be the best
_KEYS = answer_keys(ONE_IS_BEST)

_SPOKEN = SpokenTexts(
    language_code="cmn-CN",
    speech_code="cmn-Hans-CN",
    voice="Polly.Zhiyu",
    prompts={
        "csat": "请评价刚才的服务。非常满意请按1,满意请按2,一般请按3,不满意请按4,非常不满意请按5。重听请按星号键。",
        "csat.transferred": "请评价最后一位客服的服务。非常满意请按1,满意请按2,一般请按3,不满意请按4,"
        "非常不满意请按5。重听请按星号键。",
        "ownership": "这位客服愿意尽力帮您吗?非常愿意请按1,愿意请按2,一般请按3,不太愿意请按4,很不愿意请按5。",
        "ownership.transferred": "最后一位客服愿意尽力帮您吗?非常愿意请按1,愿意请按2,一般请按3,不太愿意请按4,"
        "很不愿意请按5。",
        "fcr": "您的问题解决了吗?已解决请按1,未解决请按2,还不确定请按3。",
        "nps": "您有多大可能向朋友或同事推荐{brand}?请输入0到10的一个数字,0是完全不可能,10是非常可能,"
        "按井号键结束。",
        "ces": "您的问题处理起来容易吗?请按1到7,7是非常容易,1是非常困难。",
        "reason": "主要原因是什么?服务态度请按1,问题没解决请按2,等待太久请按3,规定或价格请按4,产品或网站请按5,"
        "其他请按6。",
        "comment": "如需留言,请在提示音后讲话,说完按井号键。",
        "comment.low": "抱歉没让您满意。如需告诉我们哪里做得不好,请在提示音后讲话,说完按井号键。",
    },
    keys=_KEYS,
    scales=key_scales(ONE_IS_BEST),
    speech=spoken_answers(_KEYS, KEYWORDS["zh"]),
    keywords=KEYWORDS["zh"],
    opening_text="您好,这里是{brand},想请您用30秒评价今天的来电服务。开始请按1,如不想再接到此类来电请按9。",
    opening_in_call_text="{brand}想请您用30秒评价本次服务。如不想再参加此类评价请按9。",
    invalid="按键无效,请重新选择。",
    silence="没有听到您的选择。",
    thanks="感谢您的评价。",
    goodbye="再见。",
    closed="本次评价已结束。感谢您,再见。",
    opted_out_text="{brand}不会再致电请您评价。再见。",
)

CHINESE = Catalogue(
    language="zh",
    version="zh-1",
    encoding=UCS_2,
    opt_out_suffix="拒收请回复R",
    label_gap="",
    labels=_LABELS,
    page=_PAGE,
    mail=_MAIL,
    spoken=_SPOKEN,
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
        "ask_ces": "【{brand}】您的问题处理起来容易吗?请回复1到7:7非常容易,1非常困难",
        "ask_ces.first": "【{brand}】您刚才来电,问题处理起来容易吗?请回复1到7:7非常容易,1非常困难。{opt_out}",
        "ask_reason": "【{brand}】主要原因是?回复1服务态度 2问题没解决 3等待太久 4规定或价格 5产品或网站 6其他",
        "ask_reason.first": "【{brand}】您刚才来电,主要原因是?"
        "回复1态度 2没解决 3等待太久 4规定或价格 5产品或网站 6其他。{opt_out}",
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
        "repeat_ces": "【{brand}】没能识别您的回复。请只回复1到7的一个数字:7非常容易,1非常困难",
        "repeat_reason": "【{brand}】没能识别您的回复。"
        "请只回复一个数字:1态度 2没解决 3等待太久 4规定或价格 5产品或网站 6其他",
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

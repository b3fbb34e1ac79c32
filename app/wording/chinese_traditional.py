"""繁體中文。每則簡訊(含四個字的品牌名)都在70個UCS-2字元以內。"""

from app.wording.keywords import KEYWORDS
from app.wording.segments import UCS_2
from app.wording.speech import ONE_IS_BEST, answer_keys, key_scales, spoken_answers
from app.wording.texts import Catalogue, MailTexts, PageTexts, SpokenTexts

_LABELS = {
    "csat": {5: "非常滿意", 4: "滿意", 3: "普通", 2: "不滿意", 1: "非常不滿意"},
    "ownership": {5: "非常願意", 4: "願意", 3: "普通", 2: "不太願意", 1: "很不願意"},
    "nps": {10: "非常可能", 0: "完全不可能"},
    "fcr": {1: "已解決", 2: "未解決", 3: "還不確定"},
    "ces": {7: "非常容易", 1: "非常困難"},
    "reason": {1: "服務態度", 2: "問題沒解決", 3: "等候太久", 4: "規定或價格", 5: "產品或網站", 6: "其他"},
}

_PAGE = PageTexts(
    language="zh-Hant",
    labels=_LABELS,
    title_text="您{when}致電{brand}",
    prompts={
        "csat": "您對客服的服務滿意嗎？",
        "csat.transferred": "您對最後一位客服的服務滿意嗎？",
        "ownership": "這位客服是否願意盡力協助您？",
        "ownership.transferred": "最後一位客服是否願意盡力協助您？",
        "nps": "您有多大可能向朋友或同事推薦{brand}？",
        "fcr": "您的問題解決了嗎？",
        "ces": "您的問題處理起來容易嗎？",
        "reason": "主要原因是？",
        "comment": "有什麼想對我們說的嗎？",
        "comment.low": "很抱歉沒讓您滿意。哪裡做得不好？",
    },
    note="約需1分鐘。客服人員不會看到您的姓名。",
    choose="請選擇一項。",
    send="送出",
    thanks="謝謝您！",
    change_until_text="{until}前可以修改。",
    closed="本次評價已結束。",
    help_text="需要協助請致電{hotline}",
    optional="選填",
    if_low="如有不滿意之處",
    change="修改我的評價",
    saved="已儲存",
    not_saved="尚未儲存，請按「送出」。",
    partial_saved="您已填寫的內容已儲存。",
    already_text="謝謝您！您的評價已收到，{until}前可以修改。",
    problem="請檢查以下內容",
    wrong="請從所列選項中選擇一項。",
    too_long_text="請不要超過{most}個字。",
    too_many="操作過於頻繁，請過幾分鐘再試。",
    privacy="隱私權",
    progress_text="第{number}題，共{total}題",
)

_MAIL = MailTexts(
    language="zh-Hant",
    subject_text="請評價您{when_day}的來電服務",
    greeting_text="您好！您於{when}致電{brand}。",
    preheader_text="請告訴{brand}這次服務如何，約需1分鐘。",
    note="約需1分鐘。客服人員不會看到您的姓名。",
    help_text="仍需協助請致電{hotline}",
    privacy="隱私權",
    unsubscribe="取消訂閱",
    open_page="開啟網頁評價",
    reminder_subject_text="提醒：請評價您{when_day}的來電服務",
    reminder_text="您好！您於{when}致電{brand}。我們仍希望聽到您的評價；關於這次來電，我們不會再寄信打擾您。",
    unsubscribe_title="取消訂閱",
    unsubscribe_question_text="不再接收{brand}的來電評價邀請（郵件、簡訊和電話）嗎？",
    unsubscribe_button="取消訂閱",
    unsubscribed_text="{brand}不會再透過郵件、簡訊或電話邀請您評價。",
)

_KEYS = answer_keys(ONE_IS_BEST)

_SPOKEN = SpokenTexts(
    language_code="cmn-TW",
    speech_code="cmn-Hant-TW",
    voice="Google.cmn-TW-Wavenet-A",
    prompts={
        "csat": "請評價剛才的服務。"
        "非常滿意請按1，滿意請按2，普通請按3，不滿意請按4，非常不滿意請按5。重聽請按米字鍵。",
        "csat.transferred": "請評價最後一位客服的服務。"
        "非常滿意請按1，滿意請按2，普通請按3，不滿意請按4，非常不滿意請按5。重聽請按米字鍵。",
        "ownership": "這位客服願意盡力協助您嗎？"
        "非常願意請按1，願意請按2，普通請按3，不太願意請按4，很不願意請按5。",
        "ownership.transferred": "最後一位客服願意盡力協助您嗎？"
        "非常願意請按1，願意請按2，普通請按3，不太願意請按4，很不願意請按5。",
        "fcr": "您的問題解決了嗎？已解決請按1，未解決請按2，還不確定請按3。",
        "nps": "您有多大可能向朋友或同事推薦{brand}？請輸入0到10的一個數字，0是完全不可能，10是非常可能，"
        "按井字鍵結束。",
        "ces": "您的問題處理起來容易嗎？請按1到7，7是非常容易，1是非常困難。",
        "reason": "主要原因是什麼？"
        "服務態度請按1，問題沒解決請按2，等候太久請按3，規定或價格請按4，產品或網站請按5，其他請按6。",
        "comment": "如需留言，請在提示音後說話，說完按井字鍵。",
        "comment.low": "很抱歉沒讓您滿意。如需告訴我們哪裡做得不好，請在提示音後說話，說完按井字鍵。",
    },
    keys=_KEYS,
    scales=key_scales(ONE_IS_BEST),
    speech=spoken_answers(_KEYS, KEYWORDS["zh-Hant"]),
    keywords=KEYWORDS["zh-Hant"],
    opening_text="您好，這裡是{brand}，想請您用30秒評價今天的來電服務。開始請按1，如不想再接到此類來電請按9。",
    opening_in_call_text="{brand}想請您用30秒評價本次服務。如不想再參加此類評價請按9。",
    invalid="按鍵無效，請重新選擇。",
    silence="沒有聽到您的選擇。",
    thanks="感謝您的評價。",
    goodbye="再見。",
    closed="本次評價已結束。謝謝您，再見。",
    opted_out_text="{brand}不會再致電請您評價。再見。",
)

TRADITIONAL = Catalogue(
    language="zh-Hant",
    version="zh-Hant-1",
    encoding=UCS_2,
    opt_out_suffix="退訂請回STOP",
    label_gap="",
    labels=_LABELS,
    page=_PAGE,
    mail=_MAIL,
    spoken=_SPOKEN,
    texts={
        "ask_csat": "【{brand}】您對客服的服務滿意嗎？回覆5非常滿意 4滿意 3普通 2不滿意 1非常不滿意",
        "ask_csat.first": "【{brand}】您剛才來電，對客服的服務滿意嗎？"
        "回覆5非常滿意 4滿意 3普通 2不滿意 1非常不滿意。{opt_out}",
        "ask_csat.transferred": "【{brand}】您對最後一位客服的服務滿意嗎？"
        "回覆5非常滿意 4滿意 3普通 2不滿意 1非常不滿意",
        "ask_csat.first.transferred": "【{brand}】您剛才來電，對最後一位客服滿意嗎？"
        "回覆5非常滿意 4滿意 3普通 2不滿意 1非常不滿意。{opt_out}",
        "ask_ownership": "【{brand}】這位客服是否願意盡力協助您？回覆5非常願意 4願意 3普通 2不太願意 1很不願意",
        "ask_ownership.first": "【{brand}】您剛才來電，客服是否願意盡力協助您？"
        "回覆5非常願意 4願意 3普通 2不太願意 1很不願意。{opt_out}",
        "ask_ownership.transferred": "【{brand}】最後一位客服是否願意盡力協助您？"
        "回覆5非常願意 4願意 3普通 2不太願意 1很不願意",
        "ask_ownership.first.transferred": "【{brand}】您剛才來電，最後一位客服是否願意盡力協助？"
        "回覆5非常願意 4願意 3普通 2不太願意 1很不願意。{opt_out}",
        "ask_nps": "【{brand}】您有多大可能向朋友或同事推薦我們？請回覆0到10：0完全不可能，10非常可能",
        "ask_nps.first": "【{brand}】您剛才來電，有多大可能向朋友或同事推薦我們？"
        "請回覆0到10：0完全不可能，10非常可能。{opt_out}",
        "ask_fcr": "【{brand}】您的問題解決了嗎？回覆1已解決 2未解決 3還不確定",
        "ask_fcr.first": "【{brand}】您剛才來電，您的問題解決了嗎？回覆1已解決 2未解決 3還不確定。{opt_out}",
        "ask_ces": "【{brand}】您的問題處理起來容易嗎？請回覆1到7：7非常容易，1非常困難",
        "ask_ces.first": "【{brand}】您剛才來電，問題處理起來容易嗎？請回覆1到7：7非常容易，1非常困難。{opt_out}",
        "ask_reason": "【{brand}】主要原因是？回覆1服務態度 2問題沒解決 3等候太久 4規定或價格 5產品或網站 6其他",
        "ask_reason.first": "【{brand}】您剛才來電，主要原因是？"
        "回覆1態度 2沒解決 3等太久 4規定或價格 5產品或網站 6其他。{opt_out}",
        "ask_comment": "【{brand}】最後，有什麼想對我們說的嗎？直接回覆即可，不填也沒關係。謝謝！",
        "ask_comment.first": "【{brand}】您剛才來電，有什麼想對我們說的嗎？直接回覆即可，不填也沒關係。{opt_out}",
        "ask_comment_low": "【{brand}】很抱歉沒讓您滿意。哪裡做得不好？請直接回覆告訴我們，不填也沒關係。",
        "ask_comment_low.first": "【{brand}】很抱歉沒讓您滿意。哪裡做得不好？"
        "請直接回覆告訴我們，不填也沒關係。{opt_out}",
        "repeat_csat": "【{brand}】無法辨識您的回覆。請只回覆一個數字：5非常滿意 4滿意 3普通 2不滿意 1非常不滿意",
        "repeat_ownership": "【{brand}】無法辨識您的回覆。"
        "請只回覆一個數字：5非常願意 4願意 3普通 2不太願意 1很不願意",
        "repeat_nps": "【{brand}】無法辨識您的回覆。請只回覆0到10的一個數字：0完全不可能，10非常可能",
        "repeat_fcr": "【{brand}】無法辨識您的回覆。請只回覆一個數字：1已解決 2未解決 3還不確定",
        "repeat_ces": "【{brand}】無法辨識您的回覆。請只回覆1到7的一個數字：7非常容易，1非常困難",
        "repeat_reason": "【{brand}】無法辨識您的回覆。"
        "請只回覆一個數字：1態度 2沒解決 3等候太久 4規定或價格 5產品或網站 6其他",
        "stopped": "【{brand}】已停止傳送評價簡訊給您。如需恢復請回覆START。",
        "restarted": "【{brand}】已恢復傳送評價簡訊給您。{opt_out}",
        "help": "【{brand}】這是來電後的服務評價簡訊。需要協助請致電{hotline}。{opt_out}",
        "help.plain": "【{brand}】這是來電後的服務評價簡訊。{opt_out}",
        "late": "【{brand}】本次評價已結束，您的留言我們已收到。需要協助請致電{hotline}。",
        "late.plain": "【{brand}】本次評價已結束，您的留言我們已收到。",
        "corrected": "【{brand}】已記錄：{noted}。謝謝！",
        "corrected.low": "【{brand}】已記錄：{noted}。如按錯，請回覆「改5」等更正。",
        "thanks": "【{brand}】已記錄，謝謝您的評價！",
    },
)

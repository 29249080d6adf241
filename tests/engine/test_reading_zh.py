"""Chinese, construction by construction: a sentence or two, and the evidence in them. The sentences are made up."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.engine.pipeline import read_all
from monitor.engine.rulebook import Rulebook
from monitor.model import Article
from monitor.stories import open_rulebook

AT = datetime(2025, 4, 28, 12, tzinfo=UTC)
RULES = Path(__file__).parents[2] / "rules" / "kursk"

# construction, title, text, evidence: claim, party, stance, time
ROWS: list[tuple[str, str, str, set[str]]] = [
    # Attribution
    ("the subject before the verb", "", "韩国国防部28日表示，朝鲜已向俄罗斯派出约三千名士兵。", {"troops-sent south-korea affirm now"}),
    (
        "a quotation with its speaker behind it",
        "",
        "“朝鲜军队已经抵达库尔斯克。”乌军总参谋部在脸书上写道。",
        {"troops-sent ukraine affirm now"},
    ),
    (
        "the source after its content",
        "",
        "朝鲜士兵正在库尔斯克同乌军交战，美国国务院发言人表示。",
        {"troops-sent united-states affirm now"},
    ),
    ("according to", "", "据韩国军方消息，上万名朝鲜官兵目前部署在俄乌边境。", {"troops-sent south-korea affirm now"}),
    ("by an assessment of", "", "根据北约的评估，约有一万名朝鲜军人身在俄罗斯西部。", {"troops-sent nato affirm now"}),
    ("in the eyes of", "", "在基辅看来，平壤已经直接参战。", {"troops-sent ukraine affirm now"}),
    ("a headline with a colon", "白宫：朝军已投入战斗", "", {"troops-sent united-states affirm now"}),
    (
        "a headline with two speakers",
        "韩称朝军已抵库尔斯克 俄斥“谣言”",
        "",
        {"troops-sent russia deny now", "troops-sent south-korea affirm now"},
    ),
    (
        "a headline with a colon and an evasion",
        "泽连斯基：已俘虏两名朝鲜士兵 克宫拒评",
        "",
        {"troops-sent russia decline now", "troops-sent ukraine affirm now"},
    ),
    ("a headline with a short name", "美国防长证实朝鲜出兵", "", {"troops-sent united-states affirm now"}),
    ("a headline of an office", "北约秘书长：有证据显示朝军参战", "", {"troops-sent nato affirm now"}),
    (
        "a headline whose second clause drops its subject",
        "朝鲜首次承认向俄派兵 称系履行条约义务",
        "",
        {"treaty-basis north-korea affirm now", "troops-sent north-korea affirm now"},
    ),
    ("thanks in a headline", "俄防长感谢朝鲜官兵参与解放库尔斯克", "", {"troops-sent russia affirm now"}),
    ("a question answered", "朝鲜派兵援俄？克里姆林宫：假新闻", "", {"troops-sent russia deny now"}),
    ("an agent before the verb", "", "朝鲜派兵的消息已被美国国防部证实。", {"troops-sent united-states affirm now"}),
    ("a denial suffered", "", "有关朝鲜士兵参战的报道遭到克里姆林宫否认。", {"troops-sent russia deny now"}),
    (
        "a noun with its content before it",
        "",
        "韩国方面关于朝鲜出兵的指控，莫斯科一概否认。",
        {"troops-sent russia deny now", "troops-sent south-korea affirm now"},
    ),
    ("somebody reports what another admits", "", "泽连斯基说，俄罗斯已经承认朝鲜军人在库尔斯克作战。", {"troops-sent ukraine affirm now"}),
    (
        "somebody reports what another confirmed in person",
        "",
        "韩国外长称，普京亲口证实了朝鲜派兵。",
        {"troops-sent south-korea affirm now"},
    ),
    (
        "two speakers in two clauses",
        "",
        "韩国国情院说，朝鲜已派出一万名士兵，俄外交部则予以否认。",
        {"troops-sent russia deny now", "troops-sent south-korea affirm now"},
    ),
    (
        'two speakers without a conjunction but "however"',
        "",
        "佩斯科夫称这是谎言，乌方却说，朝军士兵已在库尔斯克被俘。",
        {"troops-sent ukraine affirm now"},
    ),
    (
        "a spokesman whom no rule names",
        "",
        "韩国统一部发言人具炳杉说，朝鲜向俄罗斯派兵一事令人震惊。",
        {"troops-sent south-korea affirm now"},
    ),
    (
        "three speakers in a list",
        "",
        "美国、日本和韩国发表联合声明，谴责朝鲜向俄罗斯派兵。",
        {"troops-sent japan affirm now", "troops-sent south-korea affirm now", "troops-sent united-states affirm now"},
    ),
    ("both deny", "", "俄罗斯和朝鲜都否认朝鲜士兵在乌克兰作战。", {"troops-sent north-korea deny now", "troops-sent russia deny now"}),
    ("an unnamed official", "", "一名不愿透露姓名的美国官员说，朝鲜士兵已经进入库尔斯克州。", {"troops-sent united-states affirm now"}),
    (
        "unnamed Western officials",
        "",
        "西方情报官员估计，朝鲜在库尔斯克损失了约四千人，其中一千人阵亡。",
        {"thousand-dead western-officials affirm now", "troops-sent western-officials affirm now"},
    ),
    (
        "experts of a country are not the country",
        "",
        "韩国军事专家认为，派往俄罗斯的朝鲜士兵缺乏实战经验。",
        {"combat-ready experts deny now", "troops-sent experts affirm now"},
    ),
    ("a think tank", "", "美国战争研究所指出，朝鲜军队正在库尔斯克发动步兵冲锋。", {"troops-sent experts affirm now"}),
    (
        "state media speak for the state",
        "",
        "朝中社报道，金正恩视察了参战官兵的训练，赞扬他们在库尔斯克的英勇战斗。",
        {"troops-sent north-korea affirm now"},
    ),
    (
        "a party newspaper praises",
        "",
        "《劳动新闻》发表社论，颂扬海外作战部队在库尔斯克立下的功勋。",
        {"troops-sent north-korea affirm now"},
    ),
    # Stance
    ("rejected as fabricated", "", "俄驻联合国代表驳斥称，所谓朝鲜军人参战纯属捏造。", {"troops-sent russia deny now"}),
    ("denied outright by a ministry", "", "平壤外务省发表谈话，全盘否定对俄派兵之说。", {"troops-sent north-korea deny now"}),
    ("a negation inside a quotation", "", "俄外长拉夫罗夫斩钉截铁地说：“没有任何朝鲜士兵在库尔斯克。”", {"troops-sent russia deny now"}),
    ("a claim called slander", "", "朝鲜称出兵一说是“无端诽谤”。", {"troops-sent north-korea deny now"}),
    (
        "rumours, then their rejection",
        "",
        "针对朝鲜士兵入俄的传闻，克里姆林宫发言人表示这是又一则假消息。",
        {"troops-sent russia deny now"},
    ),
    ("asked, and declines", "", "被问及朝鲜是否派兵，佩斯科夫拒绝置评。", {"troops-sent russia decline now"}),
    ("a request for comment unanswered", "", "俄罗斯国防部未回应有关朝鲜军人伤亡的置评请求。", {"troops-sent russia decline now"}),
    ("neither admits nor denies", "", "对于朝鲜士兵是否在俄境内受训，俄方既不承认也不否认。", {"troops-sent russia decline now"}),
    ("changes the subject", "", "普京被问到朝鲜士兵的照片时顾左右而言他。", {"troops-sent russia decline now"}),
    ("knows nothing of it", "", "中国外交部发言人毛宁被问及朝鲜出兵时说，中方不了解有关情况。", {"troops-sent china decline now"}),
    (
        "no direct answer to a question",
        "",
        "朝鲜常驻联合国代表没有直接回答是否向俄罗斯派兵的问题。",
        {"troops-sent north-korea decline now"},
    ),
    ("has never confirmed", "", "俄罗斯从未公开证实朝鲜军队参战。", {"troops-sent russia decline now"}),
    ("did not deny", "", "俄总统没有否认朝军在俄境内。", {"troops-sent russia decline now"}),
    ("does not say when they go home", "", "至于朝鲜士兵何时回国，俄国防部没有说明。", {"troops-return-home russia decline now"}),
    ("cannot confirm independently", "", "五角大楼发言人说，目前还无法独立证实朝鲜派兵的报道。", {"troops-sent united-states doubt now"}),
    ("no evidence that", "", "北约秘书长吕特表示，尚无证据表明朝鲜军人已参战。", {"troops-sent nato doubt now"}),
    ("sceptical of something", "", "日本官房长官对朝鲜派兵的真实性持怀疑态度。", {"troops-sent japan doubt now"}),
    ("doubts reports", "", "美国国务院对有关朝鲜士兵参战的报道表示怀疑。", {"troops-sent united-states doubt now"}),
    ("has not yet confirmed", "", "美国尚未证实朝鲜派兵的消息。", {"troops-sent united-states decline now"}),
    ("thanks presuppose", "", "普京感谢朝鲜军人帮助解放库尔斯克。", {"troops-sent russia affirm now"}),
    ("a condemnation presupposes", "", "欧盟强烈谴责朝鲜向俄罗斯派遣军队。", {"troops-sent european-union affirm now"}),
    (
        "a demand presupposes",
        "",
        "韩国政府敦促朝鲜立即停止派兵并撤回军队。",
        {"troops-return-home south-korea affirm now", "troops-sent south-korea affirm now"},
    ),
    ("concern presupposes", "", "日本政府对朝鲜军队参战表示严重关切。", {"troops-sent japan affirm now"}),
    ("it arouses concern in a capital", "", "朝鲜军队直接参战引起华盛顿关切。", {"troops-sent united-states affirm now"}),
    # What is not stated, and near misses
    ("a possibility", "", "韩国国情院认为，朝鲜可能向俄罗斯派兵。", set()),
    ("a condition", "", "韩国总统室说，如果朝鲜派兵，首尔将采取相应措施。", set()),
    ("a plan", "", "乌克兰情报部门称，朝鲜计划今后向俄罗斯派遣更多军队。", set()),
    ("a question", "", "朝鲜究竟有没有派兵？北约秘书长表示将继续调查。", set()),
    ("whether", "", "美国正在核实朝鲜是否已经派兵。", set()),
    ("the troops of others", "", "法国总统马克龙说，不排除向乌克兰派兵的可能。", set()),
    ("labourers", "", "韩国国情院说，朝鲜向俄罗斯派出了数千名工人。", set()),
    ("shells", "", "乌克兰情报总局说，朝鲜向俄罗斯提供了数百万发炮弹。", set()),
    ("sappers", "", "绍伊古说，朝鲜将派1000名工兵到库尔斯克排雷。", set()),
    # Time
    (
        "the first admission and the denial before it",
        "",
        "俄罗斯首次承认朝鲜军人参战，此前莫斯科一直予以否认。",
        {"troops-sent russia affirm now", "troops-sent russia deny past"},
    ),
    ("last October", "", "克里姆林宫去年10月曾称朝鲜派兵是假消息。", {"troops-sent russia deny past"}),
    ("half a year ago", "", "早在半年前，韩国国情院就披露朝鲜已派兵。", {"troops-sent south-korea affirm past"}),
    ("last month", "", "泽连斯基上月说，朝鲜士兵在库尔斯克伤亡惨重。", {"troops-sent ukraine affirm past"}),
    (
        "at first and now",
        "",
        "朝鲜当初矢口否认派兵，如今却公开承认。",
        {"troops-sent north-korea affirm now", "troops-sent north-korea deny past"},
    ),
    ("since then", "", "自去年10月以来，朝鲜已派出约1.5万名士兵，韩国国情院28日说。", {"troops-sent south-korea affirm now"}),
    # What points back
    (
        "this claim",
        "",
        "韩国国情院说，朝鲜已派出三千名士兵赴俄。克里姆林宫否认了这一说法。",
        {"troops-sent russia deny now", "troops-sent south-korea affirm now"},
    ),
    (
        "on this",
        "",
        "美国国防部长说，朝鲜士兵已在俄罗斯。对此，俄外交部不予置评。",
        {"troops-sent russia decline now", "troops-sent united-states affirm now"},
    ),
    (
        "two who do not answer",
        "",
        "韩国总统室称，一万名朝军已部署到前线。莫斯科和平壤均未回应。",
        {"troops-sent north-korea decline now", "troops-sent russia decline now", "troops-sent south-korea affirm now"},
    ),
    (
        "that news",
        "",
        "乌克兰称俘虏了两名朝鲜士兵。韩国国情院证实了该消息。",
        {"troops-sent south-korea affirm now", "troops-sent ukraine affirm now"},
    ),
    ("this is a lie", "", "朝鲜军人参战的消息传出后，佩斯科夫说：“这是谎言。”", {"troops-sent russia deny now"}),
    (
        "calls it nonsense",
        "",
        "韩国国情院称朝鲜派兵赴俄。俄驻韩大使馆斥之为无稽之谈。",
        {"troops-sent russia deny now", "troops-sent south-korea affirm now"},
    ),
    (
        "he also said",
        "",
        "拉夫罗夫说，朝鲜军人是按照条约参战的。他还说，他们的贡献不会被忘记。",
        {"treaty-basis russia affirm now", "troops-sent russia affirm now"},
    ),
    ("he said that this is", "", "北约秘书长证实，朝鲜部队已部署在库尔斯克。他说，这是冲突的严重升级。", {"troops-sent nato affirm now"}),
    # The claims, polarity and quantities
    ("a region wholly freed", "", "俄军总参谋长报告说，库尔斯克州已全部解放。", {"kursk-retaken russia affirm now"}),
    ("an army driven out", "", "普京宣布，俄军彻底肃清了库尔斯克境内的乌军。", {"kursk-retaken russia affirm now"}),
    ("an army that holds on", "", "乌克兰总参谋部称，乌军仍在库尔斯克地区坚守。", {"kursk-retaken ukraine deny now"}),
    ("fighting not over", "", "泽连斯基说，库尔斯克的战斗还没有结束。", {"kursk-retaken ukraine deny now"}),
    ("almost all is not all", "", "俄方称已夺回库尔斯克州几乎全部领土。", set()),
    ("one village is not all", "", "俄国防部说，俄军收复了库尔斯克州的一个村庄。", set()),
    ("the last of them driven out", "", "俄国防部宣布，最后一批乌军已被赶出库尔斯克。", {"kursk-retaken russia affirm now"}),
    ("wholly routed", "", "格拉西莫夫向普京汇报，入侵库尔斯克州的乌克兰武装力量已被完全击溃。", {"kursk-retaken russia affirm now"}),
    ("a loss denied", "", "乌方否认库尔斯克失守。", {"kursk-retaken ukraine deny now"}),
    (
        "more than a thousand",
        "",
        "乌克兰总统称，逾千名朝鲜军人战死沙场。",
        {"thousand-dead ukraine affirm now", "troops-sent ukraine affirm now"},
    ),
    (
        "a number in words",
        "",
        "英国国防部估计，朝军死亡人数超过一千。",
        {"thousand-dead united-kingdom affirm now", "troops-sent united-kingdom affirm now"},
    ),
    ("hundreds are fewer", "", "韩国国情院说，约有300名朝鲜士兵阵亡。", {"troops-sent south-korea affirm now"}),
    ("each number with its own noun", "", "泽连斯基说，朝鲜士兵已有300人阵亡、2700人受伤。", {"troops-sent ukraine affirm now"}),
    ("dead and wounded", "", "泽连斯基说，至少3000名朝鲜士兵死伤。", {"troops-sent ukraine affirm now"}),
    ("quick to learn", "", "布达诺夫表示，朝军学得很快，已适应现代战争。", {"combat-ready ukraine affirm now"}),
    (
        "no experience of modern war",
        "",
        "乌军指挥官说，朝鲜士兵毫无现代战争经验。",
        {"combat-ready ukraine deny now", "troops-sent ukraine affirm now"},
    ),
    ("a trained elite", "", "金正恩说，海外作战部队已证明自己是训练有素的精锐之师。", {"combat-ready north-korea affirm now"}),
    (
        "in line with an article",
        "",
        "俄外交部发言人说，朝鲜出兵完全符合两国条约第四条。",
        {"treaty-basis russia affirm now", "troops-sent russia affirm now"},
    ),
    (
        "a breach of resolutions",
        "",
        "韩国外交部谴责说，朝鲜派兵严重违反联合国安理会决议。",
        {"treaty-basis south-korea deny now", "troops-sent south-korea affirm now"},
    ),
    (
        "a lawful right",
        "",
        "朝鲜外务省称，出兵援俄是依据国际法行使合法权利。",
        {"treaty-basis north-korea affirm now", "troops-sent north-korea affirm now"},
    ),
    ("no breach of law by cooperation alone", "", "拉夫罗夫强调，朝俄军事合作并不违反国际法。", set()),
    ("support as ever", "", "金正恩表示，朝鲜将一如既往地支持俄罗斯军队。", {"support-continues north-korea affirm now"}),
    ("until victory", "", "朝鲜外相崔善姬说，平壤将与莫斯科站在一起，直到胜利的那一天。", {"support-continues north-korea affirm now"}),
    ("support will not change", "", "金与正称，朝鲜对俄罗斯的支持不会改变。", {"support-continues north-korea affirm now"}),
    ("will go home", "", "绍伊古说，朝鲜军人将返回祖国。", {"troops-return-home russia affirm now"}),
    ("all go home soon", "", "韩国国情院说，朝鲜部队近期将全部回国。", {"troops-return-home south-korea affirm now"}),
    ("bears responsibility", "", "美国国务院说，朝鲜对战争旷日持久负有责任。", {"dprk-responsible united-states affirm now"}),
    ("a trailing source", "", "没有迹象表明朝鲜士兵在俄罗斯，佩斯科夫周二对记者说。", {"troops-sent russia doubt now"}),
    (
        "a quotation with its speaker behind it",
        "",
        "“这纯属谎言。”扎哈罗娃在被问及朝鲜士兵在库尔斯克的消息时说。",
        {"troops-sent russia deny now"},
    ),
    (
        "asked about it, speaks of something else",
        "",
        "佩斯科夫在被问及朝鲜军队在库尔斯克的消息时说，俄罗斯重视同邻国的友好往来。",
        {"troops-sent russia decline now"},
    ),
    (
        "two who are cited together",
        "",
        "路透社援引乌克兰和美国官员的话报道，朝鲜军队已进入库尔斯克。",
        {"troops-sent ukraine affirm now", "troops-sent united-states affirm now"},
    ),
    (
        "three allies in one word",
        "",
        "美日韩发表联合声明，谴责朝鲜向俄罗斯派兵。",
        {"troops-sent united-states affirm now", "troops-sent japan affirm now", "troops-sent south-korea affirm now"},
    ),
    ("forged papers", "", "乌克兰安全局说，在库尔斯克被俘的朝鲜士兵持有伪造的证件。", {"troops-sent ukraine affirm now"}),
    ("held the office once", "", "前韩国防长说，朝鲜士兵已在库尔斯克参战。", set()),
    ("bloggers are no army", "", "俄罗斯军事博主称，朝鲜士兵在库尔斯克作战。", set()),
    (
        "what the statement says",
        "",
        "朝鲜证实派兵。\n\n声明说，库尔斯克地区解放作战胜利结束。",
        {"troops-sent north-korea affirm now", "kursk-retaken north-korea affirm now"},
    ),
    ("almost all of it", "", "俄国防部说，库尔斯克州约98%的领土已被解放。", set()),
    ("must bear responsibility", "", "韩国外交部表示，平壤必须为助长战争承担责任。", {"dprk-responsible south-korea affirm now"}),
]


@pytest.fixture(scope="module")
def kursk() -> Rulebook:
    return open_rulebook(RULES)


@pytest.mark.parametrize(("title", "text", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_chinese_construction_gives_its_evidence(kursk: Rulebook, title: str, text: str, expected: set[str]) -> None:
    article = Article(id="a", title=title, text=text, lang="zh", published_at=AT, fetched_at=AT)
    (reading,) = read_all(article, kursk)
    assert {f"{one.claim} {one.party} {one.stance.value} {one.when.value}" for one in reading.evidence} == expected

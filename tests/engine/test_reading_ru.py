"""How Russian is read, construction by construction: each row has sentences of its own and what must be found in them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.engine.pipeline import read
from monitor.engine.rulebook import Rulebook
from monitor.model import Article
from monitor.stories import open_rulebook

AT = datetime(2025, 5, 5, 12, tzinfo=UTC)
SHORT = {
    "sent": "troops-sent", "kursk": "kursk-retaken", "dead": "thousand-dead", "ready": "combat-ready", "treaty": "treaty-basis",
    "support": "support-continues", "home": "troops-return-home", "blame": "dprk-responsible",
    "ru": "russia", "kp": "north-korea", "ua": "ukraine", "kr": "south-korea", "us": "united-states", "uk": "united-kingdom", "nato": "nato",
    "eu": "european-union", "jp": "japan", "cn": "china", "west": "western-officials", "exp": "experts",
}  # fmt: skip
ROWS: dict[str, tuple[str, str]] = {
    # --- where the source stands
    "a stranger after his verb": ("Солдат в Курскую область прислал Ким Чен Ын, сообщил Иванченко.", ""),
    "a name in marks": ("«Пентагон» заявил, что в Россию прибыли тысячи солдат КНДР.", "sent us affirm now"),
    "subject before a verb": ("Пентагон заявил, что в Россию прибыли тысячи солдат КНДР.", "sent us affirm now"),
    "subject after a verb": ("Солдаты КНДР воюют под Курском, сообщил Буданов.", "sent ua affirm now"),
    "subject far after its verb": ("Солдаты КНДР воюют под Курском, сказал в интервью японским журналистам Буданов.", "sent ua affirm now"),
    "according to, before": ("По данным Сеула, Пхеньян перебросил в Россию около трех тысяч военных.", "sent kr affirm now"),
    "according to, inside": ("Северокорейские солдаты, по оценке НАТО, уже участвуют в боях.", "sent nato affirm now"),
    "impersonal verb with a locative": ("В Белом доме сообщили, что северокорейцы воюют в Курской области.", "sent us affirm now"),
    "impersonal verb before its locative": ("Солдаты КНДР находятся на фронте, заявили в Пентагоне.", "sent us affirm now"),
    "it is said in a statement": ("Солдаты КНДР участвуют в боях, говорится в заявлении Госдепартамента.", "sent us affirm now"),
    "a noun with its possessor": ("Заявление Сеула о том, что солдаты КНДР воюют за Россию, вызвало споры.", "sent kr affirm now"),
    "a colon": ("Зеленский: солдаты КНДР уже воюют против нас", "sent ua affirm now"),
    "a colon after a place": ("Рютте в Брюсселе: войска КНДР находятся в Курской области", "sent nato affirm now"),
    "a dash at the end of a headline": ("Солдаты КНДР воюют в Курской области — Буданов", "sent ua affirm now"),
    "two joined subjects": (
        "Сеул и Вашингтон заявили, что солдаты КНДР прибыли в Россию.",
        "sent kr affirm now, sent us affirm now",
    ),
    "a place for an office": ("На Смоленской площади отвергли сообщения о солдатах КНДР на фронте.", "sent ru deny now"),
    "an alliance named before": ("В НАТО оценили угрозы. В альянсе считают, что войска КНДР уже воюют в Курской области.", "sent nato affirm now"),
    "an adjective of a capital": ("Киевские власти сообщили о двух пленных солдатах КНДР.", "sent ua affirm now"),
    "a preposition of place that is not in": ("На Украине заявили, что солдаты КНДР уже воюют.", "sent ua affirm now"),
    "a semicolon before an inverted verb": (
        "Сеул назвал цифру в 600 ракет; участие солдат КНДР в боях подтвердил Киев.",
        "sent ua affirm now",
    ),
    "they are the soldiers": ("Северокорейцы прибыли в Курскую область. Они уже ведут бои, сообщил Буданов.", "sent ua affirm now"),
    "a list with others": (
        "Япония, Южная Корея и еще пять стран осудили участие войск КНДР в войне.",
        "sent jp affirm now, sent kr affirm now",
    ),
    "neither nor": (
        "Ни Москва, ни Пхеньян не подтвердили отправку северокорейских солдат.",
        "sent ru decline now, sent kp decline now",
    ),
    "an outlet in between": ("Би-би-си передает, что Кремль подтвердил участие солдат КНДР в боях.", "sent ru affirm now"),
    "told to journalists": ("Солдаты КНДР гибнут в Курской области, рассказали журналистам чиновники стран Запада.", "sent west affirm now"),
    "instrumental of a passive": ("Участие солдат КНДР в боях подтверждено Кремлем.", "sent ru affirm now"),
    "a role without a name": ("Глава Пентагона заявил, что войска КНДР развернуты в России.", "sent us affirm now"),
    "a quotation and its speaker": ("«Северокорейские солдаты уже воюют в Курской области», — сказал Зеленский.", "sent ua affirm now"),
    "a speaker carried over": (
        "Рютте рассказал о встрече с союзниками. Он подтвердил, что войска КНДР находятся в Курской области.",
        "sent nato affirm now",
    ),
    "an outlet that is told": ("Солдаты КНДР гибнут под Курском, рассказал Би-би-си западный чиновник.", "sent west affirm now"),
    "a noun that ends at its comma": (
        "Заявление Герасимова не соответствует действительности, бои в Курской области продолжаются, сообщили в Генштабе ВСУ.",
        "kursk ua deny now",
    ),
    "a joint statement": (
        "Совместное заявление США, Японии и Южной Кореи осуждает отправку солдат КНДР в Россию.",
        "sent us affirm now, sent jp affirm now, sent kr affirm now",
    ),
    "an infinitive before who cannot": (
        "Сеул сообщил, что солдаты КНДР прибыли в Россию. Ни подтвердить, ни опровергнуть эту информацию в Вашингтоне не смогли.",
        "sent kr affirm now, sent us decline now",
    ),
    # --- nesting
    "another's words": ("Зеленский заявил, что Кремль подтвердил участие солдат КНДР в боях.", "sent ua affirm now"),
    "another's denial": ("Буданов сказал, что Москва отрицает участие солдат КНДР в боях.", ""),
    "a denial of accusations": (
        "Кремль отверг обвинения Сеула в том, что солдаты КНДР воюют за Россию.",
        "sent ru deny now, sent kr affirm now",
    ),
    "said that he cannot confirm": ("В НАТО заявили, что не могут подтвердить прибытие солдат КНДР в Россию.", "sent nato doubt now"),
    "said that he is not aware": ("МИД КНР заявил, что ему не известно об отправке солдат КНДР в Россию.", "sent cn decline now"),
    # --- stances
    "admits": ("Москва признала, что северокорейские солдаты воевали на ее стороне.", "sent ru affirm now"),
    "does not hide": ("Кремль не скрывает, что солдаты КНДР воевали под Курском.", "sent ru affirm now"),
    "thanks": ("Путин поблагодарил солдат КНДР за освобождение курской земли.", "sent ru affirm now"),
    "praises": ("Герасимов отметил героизм северокорейских бойцов.", "sent ru affirm now"),
    "condemns": ("Токио осудил участие солдат КНДР в боях против Украины.", "sent jp affirm now"),
    "denies": ("Кремль опроверг участие солдат КНДР в боях.", "sent ru deny now"),
    "calls it a fake": ("Песков назвал фейком сообщения о солдатах КНДР на фронте.", "sent ru deny now"),
    "calls it groundless": ("Представитель КНДР в ООН назвал беспочвенными слухи об отправке войск КНДР в Россию.", "sent kp deny now"),
    "it does not correspond to the truth": ("В МИД РФ заявили, что данные об участии солдат КНДР в боях не соответствуют действительности.", "sent ru deny now"),
    "doubts": ("В НАТО усомнились в том, что солдаты КНДР участвуют в боях.", "sent nato doubt now"),
    "cannot confirm": ("Пентагон не может подтвердить участие солдат КНДР в боях.", "sent us doubt now"),
    "calls it contradictory": ("Песков назвал противоречивыми сообщения о солдатах КНДР в России.", "sent ru doubt now"),
    "sees no evidence": ("Пентагон не видит доказательств участия солдат КНДР в боях.", "sent us doubt now"),
    "does not confirm": ("Пхеньян не подтвердил отправку своих солдат в Россию.", "sent kp decline now"),
    "does not deny": ("Путин не отрицал участие солдат КНДР в боях.", "sent ru decline now"),
    "neither confirms nor denies": ("Кремль не подтверждает и не опровергает участие солдат КНДР в боях.", "sent ru decline now"),
    "did not begin to, with ни": ("Песков не стал ни подтверждать, ни опровергать присутствие солдат КНДР.", "sent ru decline now"),
    "refused to comment": ("В Кремле отказались комментировать участие солдат КНДР в боях.", "sent ru decline now"),
    "to comment they refused": ("Участие солдат КНДР в боях в Кремле комментировать не стали.", "sent ru decline now"),
    "refrained": ("Пекин воздержался от оценок отправки солдат КНДР в Россию.", "sent cn decline now"),
    "not aware": ("Пекин не осведомлен об отправке солдат КНДР в Россию.", "sent cn decline now"),
    "passed the question on": ("Песков переадресовал вопрос об участии солдат КНДР в боях военным.", "sent ru decline now"),
    # --- polarity
    "a negated content": ("Захарова заявила, что солдаты КНДР не воюют на стороне России.", "sent ru deny now"),
    "the opposite in other words": ("Генштаб ВСУ заявил, что украинские войска удерживают позиции в Курской области.", "kursk ua deny now"),
    "never forget negates nothing": ("Россия никогда не забудет подвиг корейских бойцов, сказал Путин.", "sent ru affirm now"),
    "not only negates nothing": ("Буданов заявил, что солдаты КНДР не только прибыли в Россию, но и воюют.", "sent ua affirm now"),
    "almost is not all": ("Герасимов доложил, что Курская область освобождена почти полностью.", ""),
    "none left": ("Герасимов доложил, что украинских военных в Курской области не осталось.", "kursk ru affirm now"),
    "there is none": ("Москва: никаких солдат КНДР на фронте нет", "sent ru deny now"),
    "who has no evidence": ("Войска КНДР ищут в России. У Пентагона нет доказательств участия солдат КНДР в боях.", "sent us doubt now"),
    "no evidence for whom": ("Рютте: доказательств присутствия солдат КНДР в России нет", "sent nato doubt now"),
    "called untrue behind it": (
        "Сообщение Сеула о солдатах КНДР на фронте в Кремле назвали уткой.",
        "sent ru deny now, sent kr affirm now",
    ),
    "a skill denied is no absence": ("Буданов: северокорейцы не умеют воевать под Курском", "sent ua affirm now, ready ua deny now"),
    # --- modality
    "a condition": ("Рютте заявил, что отправка солдат КНДР, если она подтвердится, станет эскалацией.", ""),
    "a plan": ("В Сеуле заявили, что КНДР планирует отправить солдат в Россию.", ""),
    "a question": ("Воюют ли солдаты КНДР в Курской области? Кремль ответил на другие вопросы.", ""),
    "does not rule out": ("В Киеве не исключили появления солдат КНДР на других участках фронта.", ""),
    "supposes": ("Сеул предположил, что солдаты КНДР прибудут в Россию.", ""),
    # --- time
    "earlier": ("Ранее Кремль отрицал участие солдат КНДР в боях.", "sent ru deny past"),
    "so long ago": ("Полгода назад Кремль назвал фейком сообщения о солдатах КНДР в России.", "sent ru deny past"),
    "in a month": ("В октябре Сеул сообщил, что Пхеньян отправил солдат в Россию.", "sent kr affirm past"),
    "now and then": (
        "Кремль впервые подтвердил участие солдат КНДР в боях. Ранее Москва отрицала это.",
        "sent ru affirm now, sent ru deny past",
    ),
    "what is said has its own time": ("Сеул сообщил, что солдаты КНДР прибыли в Россию еще в октябре.", "sent kr affirm now"),
    "an imperfective past recalls": (
        "Герасимов признал участие солдат КНДР в боях. В Пхеньяне уверяли, что это слухи.",
        "sent ru affirm now, sent kp deny past",
    ),
    "an imperfective past, negated": ("Пхеньян не подтверждал отправку своих солдат в Россию.", "sent kp decline now"),
    "an hour before": ("Часом ранее Зеленский сообщил, что солдаты КНДР воюют под Курском.", "sent ua affirm now"),
    # --- anaphora
    "this": ("Сеул сообщил, что солдаты КНДР прибыли в Россию. В Кремле это опровергли.", "sent kr affirm now, sent ru deny now"),
    "about this said": ("Солдаты КНДР вступили в бой под Курском. Об этом заявил Зеленский.", "sent ua affirm now"),
    "these reports": (
        "Сеул сообщил, что солдаты КНДР прибыли в Россию. Кремль назвал эти сообщения вбросом.",
        "sent kr affirm now, sent ru deny now",
    ),
    "them beside a verb": (
        "Сеул привел данные о том, что солдаты КНДР прибыли в Россию. В НАТО не смогли их подтвердить.",
        "sent kr affirm now, sent nato doubt now",
    ),
    "both capitals": (
        "Москва и Пхеньян подписали договор. Обе столицы отрицают участие солдат КНДР в боях.",
        "sent ru deny now, sent kp deny now",
    ),
    "no answer to a request": (
        "Сеул сообщил, что солдаты КНДР прибыли в Россию. Посольство КНДР на запрос не ответило.",
        "sent kr affirm now, sent kp decline now",
    ),
    "there is no confirmation from": (
        "Сеул сообщил, что солдаты КНДР прибыли в Россию. Подтверждения этому из Москвы нет.",
        "sent kr affirm now, sent ru decline now",
    ),
    "such a figure, gave the head": (
        "Под Курском воюют 11 тысяч солдат КНДР. Такую цифру в интервью привел глава ГУР Кирилл Буданов.",
        "sent ua affirm now",
    ),
    "the same opinion": (
        "Сеул сообщил, что солдаты КНДР прибыли в Россию. Того же мнения придерживается и Киев.",
        "sent kr affirm now, sent ua affirm now",
    ),
    "what a headline names before its colon": ("Кремль о солдатах КНДР на фронте: «Это фейк»", "sent ru deny now"),
    "what a headline names behind its quotation": ("«Они умирают за чужую войну»: Зеленский о солдатах КНДР под Курском", "sent ua affirm now"),
    # --- quantities
    "a thousand in words": ("Британская разведка: погибла тысяча солдат КНДР", "dead uk affirm now, sent uk affirm now"),
    "thousands, abbreviated": ("Сеул оценил потери: погибли 2 тыс. солдат КНДР.", "dead kr affirm now, sent kr affirm now"),
    "fewer than a thousand": ("В Сеуле сообщили, что погибли около 300 солдат КНДР.", "sent kr affirm now"),
    # --- the other claims
    "trained": ("Сырский назвал солдат КНДР хорошо подготовленными и мотивированными.", "ready ua affirm now"),
    "untrained": ("Эксперты считают, что солдаты КНДР плохо подготовлены к современной войне.", "ready exp deny now"),
    "in line with the treaty": (
        "ЦТАК сообщило, что отправка солдат КНДР полностью соответствует договору с Россией.",
        "sent kp affirm now, treaty kp affirm now",
    ),
    "a breach of law": (
        "В Сеуле заявили, что отправка солдат КНДР нарушает резолюции Совета Безопасности.",
        "sent kr affirm now, treaty kr deny now",
    ),
    "will go on supporting": ("Ким Чен Ын заявил, что КНДР и впредь будет поддерживать Россию.", "support kp affirm now"),
    "will come home": ("Ким Чен Ын пообещал, что солдаты КНДР скоро вернутся на родину.", "home kp affirm now"),
    "responsible": (
        "В Госдепартаменте заявили, что КНДР несет ответственность за затягивание войны.",
        "blame us affirm now",
    ),
    "moved, introduced, thrown in": ("Сырский сообщил, что северокорейцев бросают в лобовые атаки.", "sent ua affirm now"),
    "entered the war": ("Сеул заявил, что КНДР вступила в войну на стороне России.", "sent kr affirm now"),
    "a sending with no name beside it": ("Рютте обвинил КНДР в опасном шаге. Отправка войск в Россию уже началась, заявил он.", "sent nato affirm now"),
    "our business": ("Путину показали снимки солдат КНДР. «Это наше дело», — ответил Путин.", "sent ru decline now"),
    "a memorial": ("КНДР открыла мемориал воинам, павшим в Курской области.", "sent kp affirm now"),
    "a report of liberation": ("Герасимов доложил об освобождении Курской области.", "kursk ru affirm now"),
    "a denial of a report": (
        "Генштаб ВСУ опроверг заявление Герасимова об освобождении Курской области.",
        "kursk ua deny now, kursk ru affirm now",
    ),
    "a town is not the region": ("Минобороны РФ сообщило, что полностью освобожден город Суджа в Курской области.", ""),
    "dead in another's army": ("Солдаты КНДР воюют, пишет газета. Минобороны РФ сообщило, что ВСУ потеряли убитыми 70 тысяч человек.", ""),
    "line with the treaty, named": (
        "Лавров заявил, что участие военных КНДР основано на статье 4 договора.",
        "sent ru affirm now, treaty ru affirm now",
    ),
    "intends to support": (
        "КНДР намерена и дальше оказывать всестороннюю поддержку российской армии, заявил Ким Чен Ын.",
        "support kp affirm now",
    ),
    "whether they come home": ("Вернутся ли солдаты КНДР домой, Песков не уточнил.", "home ru decline now"),
    # --- plain agency prose
    "sent to Russia is not sent home": ("В КНДР опровергли слухи об отправке солдат в Россию.", "sent kp deny now"),
    "an army that will support has not been sent": ("Ким Чен Ын заверил Путина, что армия КНДР и впредь будет поддерживать Россию.", "support kp affirm now"),
    "distances itself": ("Пхеньян отмежевался от сообщений об отправке своих солдат в Россию.", "sent kp deny now"),
    "goes on insisting": ("Киев продолжает настаивать, что бои в Курской области не закончились.", "kursk ua deny now"),
    # --- offices that are not declined, coordinate verbs, evasions, what the newer words rule out
    "an office that is not declined, in front": ("В МИД Японии сообщили, что КНДР отправила солдат в Россию.", "sent japan affirm now"),
    "an office that is not declined, behind": ("КНДР отправила солдат в Россию, заявили в МИД Южной Кореи.", "sent kr affirm now"),
    "a dash and an office": ("КНДР направила в Россию 12 тысяч военных, — Минобороны Украины.", "sent ua affirm now"),
    "two verbs": ("Ким Чен Ын посетил посольство России и рассказал, что солдаты КНДР воюют под Курском.", "sent kp affirm now"),
    "asked, says something else": (
        "На вопрос о том, воюют ли солдаты КНДР под Курском, Песков ответил, что день был долгим.",
        "sent ru decline now",
    ),
    "closed information": ("Песков заявил, что сведения о солдатах КНДР под Курском — закрытая информация.", "sent ru decline now"),
    "were there such a thing": (
        "О солдатах КНДР в России пишут газеты. Замглавы МИД КНДР заявил, что если бы отправка войск имела место, она была бы законной.",
        "sent kp decline now",
    ),
    "quoted by an agency": (
        "«Мы видим доказательства, что войска КНДР отправились в Россию», — цитирует главу Пентагона Reuters.",
        "sent us affirm now",
    ),
    "forged papers": ("У пленных солдат КНДР под Курском были поддельные документы, сообщили в СБУ.", "sent ua affirm now"),
    "not known there": ("В МИД КНР заявили, что им неизвестно о переброске солдат КНДР в Россию.", "sent china decline now"),
    "an ambassador summoned": ("Южная Корея вызвала российского посла из-за отправки солдат КНДР в Россию.", "sent kr affirm now"),
    "waved away": ("«Это информационная война», — прокомментировал Песков публикации о солдатах КНДР под Курском.", "sent ru deny now"),
    "an adjective and an office": ("КНДР отправила солдат в Россию, подчеркнули в американском Госдепе.", "sent us affirm now"),
    "a dash and a person": ("Освобождение территории Курской области полностью завершено — Герасимов.", "kursk ru affirm now"),
    "an outlet there": ("О солдатах КНДР в России пишут газеты.", ""),
    # --- near misses
    "arms": ("Сеул сообщил, что КНДР отправила в Россию тысячи контейнеров со снарядами.", ""),
    "labourers": ("Сеул сообщил, что КНДР направит в Россию рабочих.", ""),
    "sappers": ("Шойгу сообщил, что КНДР направит в Курскую область тысячу саперов.", ""),
    "soldiers on the border": ("Южнокорейские военные сообщили, что солдаты КНДР пересекли демаркационную линию.", ""),
    "a village": ("Минобороны РФ сообщило об освобождении села Гоголевка в Курской области.", ""),
    "will not speak about it": ("В Кремле предпочли не распространяться об участии солдат КНДР в боях за Курскую область.", "sent ru decline now"),
    "waves a question away": ("Песков отмахнулся от вопроса о солдатах КНДР на фронте под Курском.", "sent ru decline now"),
    "answers with a no": ("Захарова отрицательно ответила на вопрос о солдатах КНДР в Курской области.", "sent ru deny now"),
    "dug in": ("Зеленский сообщил, что подразделения из КНДР закрепились в лесополосе под Суджей.", "sent ua affirm now"),
    "special forces as a source": ("По данным украинских сил спецопераций, солдаты КНДР воюют в Курской области.", "sent ua affirm now"),
    "an outlet alone": ("Солдаты КНДР воюют в Курской области, пишет газета.", ""),
    "an ordinary member of parliament": ("Российский депутат заявил, что солдаты КНДР воюют за Россию.", ""),
}  # fmt: skip


@pytest.fixture(scope="module")
def kursk() -> Rulebook:
    return open_rulebook(Path(__file__).parents[2] / "rules")


@pytest.mark.parametrize(("text", "expected"), ROWS.values(), ids=ROWS)
def test_construction(kursk: Rulebook, text: str, expected: str) -> None:
    headline = not text.rstrip().endswith((".", "?", "!"))
    source = Article(
        id="a", title=text if headline else "", text="" if headline else text, lang="ru", published_at=AT, fetched_at=AT, outlet="gazette"
    )
    wanted = {tuple(SHORT.get(word, word) for word in row.split()) for row in expected.split(",") if row.strip()}
    found = {(e.claim, e.party, e.stance.value, e.when.value) for reading in read(source, kursk) for e in reading.evidence}
    assert found == wanted

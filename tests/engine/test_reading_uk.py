"""Ukrainian, construction by construction: who takes which stance on which claim of the story of the North Korean troops.

Each row is a text and all the evidence in it, as "party stance claim", with "past" where it is recalled. A row whose text begins with
"#" is a headline.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.engine.pipeline import read
from monitor.engine.rulebook import Rulebook
from monitor.model import Article
from monitor.stories import open_rulebook

READS: dict[str, tuple[str, list[str]]] = {
    # --- Where the source stands --------------------------------------------------------------------------------------
    "a stranger after his verb": ("Солдатів до Курської області надіслав Кім Чен Ин, повідомив Іванченко.", []),
    "a name in marks": ("«Пентагон» заявив, що до Росії прибули тисячі солдатів КНДР.", ["united-states affirm troops-sent"]),
    "subject, verb, clause": ("Пхеньян заявив, що його війська воюють на Курщині.", ["north-korea affirm troops-sent"]),
    "the source after its verb": ("Солдати КНДР уже на фронті, повідомив Зеленський.", ["ukraine affirm troops-sent"]),
    "the source after a dash": ("«Північнокорейські солдати гинуть сотнями», — сказав Зеленський.", ["ukraine affirm troops-sent"]),
    "a full title after the verb": (
        "Бійці з КНДР воюють у російській формі, розповів речник Головного управління розвідки Андрій Юсов.",
        ["ukraine affirm troops-sent"],
    ),
    "an impersonal verb with a place before": ("У Кремлі заявили, що солдати КНДР допомагали в боях.", ["russia affirm troops-sent"]),
    "an impersonal verb with a place after": ("На Курщині воює близько п'яти батальйонів КНДР, кажуть у Пентагоні.", ["united-states affirm troops-sent"]),
    "an impersonal verb, its office without a country": ("Участь солдатів КНДР у боях підтвердили в МЗС.", ["ukraine affirm troops-sent"]),
    "an object before, the subject last": ("Присутність північнокорейських військ на Курщині підтвердив генсек НАТО.", ["nato affirm troops-sent"]),
    "an object before, the subject first after it": ("Відправлення солдатів Росія заперечує, хоча солдатів КНДР бачили на фронті.", ["russia deny troops-sent"]),
    "an instrumental agent": ("Участь військ КНДР у боях визнана Москвою.", ["russia affirm troops-sent"]),
    "according to": ("За даними Пентагону, на Курщину прибули тисячі солдатів КНДР.", ["united-states affirm troops-sent"]),
    "by the words of": ("За словами Сирського, північнокорейські підрозділи атакують щодня.", ["ukraine affirm troops-sent"]),
    "in the opinion of": ("На думку Рютте, війська КНДР на Курщині — це ескалація.", ["nato affirm troops-sent"]),
    "it is said in the statement of": (
        "Участь військ КНДР у боях була допомогою братам, ідеться в заяві Кремля.",
        ["russia affirm troops-sent"],
    ),
    "citing the intelligence service": (
        "З посиланням на Національну розвідувальну службу Південної Кореї: солдати КНДР отримали російську форму і вирушили на фронт.",
        ["south-korea affirm troops-sent"],
    ),
    "by his words, in the middle": (
        "Зеленський виступив увечері. Солдати КНДР, за його словами, уже на передовій.",
        ["ukraine affirm troops-sent"],
    ),
    "a headline with a colon": ("#Сирський: солдати КНДР повернулися на передову", ["ukraine affirm troops-sent"]),
    "a headline with a dash": ("#Росія використовує солдатів КНДР для штурмів – ГУР", ["ukraine affirm troops-sent"]),
    "a headline with an office after the dash": ("#У боях загинули щонайменше дві тисячі солдатів КНДР — розвідка Південної Кореї", ["south-korea affirm troops-sent", "south-korea affirm thousand-dead"]),
    "a headline on something": ("#Кремль про війська КНДР у Росії: це наша суверенна справа", ["russia decline troops-sent"]),
    "unnamed officials": ("Американські посадовці підтвердили, що солдати КНДР вступили в бій.", ["united-states affirm troops-sent"]),
    "western officials": ("Західні посадовці оцінили втрати КНДР у чотири тисячі осіб, з них тисяча загиблих.", ["western-officials affirm troops-sent", "western-officials affirm thousand-dead"]),
    "a state news agency": ("Державне агентство ЦТАК повідомило, що армія КНДР воювала на Курщині.", ["north-korea affirm troops-sent"]),
    "an office of the adjective": ("Південнокорейська розвідка вважає, що Пхеньян відправив на фронт ще тисячу солдатів.", ["south-korea affirm troops-sent"]),
    "experts": ("Військові аналітики стверджують, що солдати КНДР воюють у складі російських бригад.", ["experts affirm troops-sent"]),
    "two sources joined": ("Сеул і Київ підтвердили прибуття північнокорейських військ до Росії.", ["south-korea affirm troops-sent", "ukraine affirm troops-sent"]),
    "a relative clause": (
        "Сеул привітав заяву Пхеньяна, який уперше визнав участь своїх солдатів у війні.",
        ["north-korea affirm troops-sent"],
    ),
    "the sentence before is what is meant": (
        "Північнокорейські солдати зазнали втрат на Курщині. Про це повідомив Зеленський.",
        ["ukraine affirm troops-sent"],
    ),
    # --- Nesting --------------------------------------------------------------------------------------------------------
    "says of another that it admitted it": ("Зеленський заявив, що Росія визнала участь військ КНДР.", ["ukraine affirm troops-sent"]),
    "says of another that it denies it": ("Зеленський нагадав, що Росія заперечує участь військ КНДР.", []),
    "an outlet in between": ("Reuters пише, що Кремль підтвердив участь військ КНДР у боях.", ["russia affirm troops-sent"]),
    # --- Stances --------------------------------------------------------------------------------------------------------
    "admits": ("Герасимов визнав, що солдати КНДР воювали на боці Росії.", ["russia affirm troops-sent"]),
    "does not hide": ("Москва більше не приховує, що солдати КНДР воюють на Курщині.", ["russia affirm troops-sent"]),
    "has evidence": ("США мають докази, що солдати КНДР перебувають у Росії.", ["united-states affirm troops-sent"]),
    "thanks": ("Путін подякував Кім Чен Ину за солдатів, які билися за Курщину.", ["russia affirm troops-sent"]),
    "is grateful": ("Лавров сказав, що Росія вдячна північнокорейським бійцям.", ["russia affirm troops-sent"]),
    "condemns": ("Японія засудила відправлення північнокорейських солдатів до Росії.", ["japan affirm troops-sent"]),
    "demands an end": ("ЄС вимагає, щоб КНДР припинила надсилати війська до Росії.", ["european-union affirm troops-sent"]),
    "is concerned": ("Китай стурбований участю військ КНДР у війні.", ["china affirm troops-sent"]),
    "denies": ("Пхеньян заперечив відправлення військ до Росії.", ["north-korea deny troops-sent"]),
    "refutes": ("У Міноборони РФ спростували повідомлення про солдатів КНДР на фронті.", ["russia deny troops-sent"]),
    "rejects": ("Захарова відкинула звинувачення щодо участі військ КНДР у боях.", ["russia deny troops-sent"]),
    "calls it a fake": ("Пєсков назвав повідомлення про солдатів КНДР у Росії черговим фейком.", ["russia deny troops-sent"]),
    "calls it rumours without ground": ("Представник КНДР назвав дані про відправлення військ безпідставними чутками.", ["north-korea deny troops-sent"]),
    "says that it did not send": ("У Пхеньяні запевнили, що КНДР не відправляла військ до Росії.", ["north-korea deny troops-sent"]),
    "does not correspond to reality": ("У МЗС КНДР сказали, що повідомлення про відправлення військ не відповідають дійсності.", ["north-korea deny troops-sent"]),
    "doubts": ("Китай сумнівається, що КНДР відправила війська до Росії.", ["china doubt troops-sent"]),
    "cannot confirm": ("НАТО поки не може підтвердити прибуття військ КНДР до Росії.", ["nato doubt troops-sent"]),
    "cannot confirm, the verb first": ("Підтвердити участь військ КНДР у боях Пентагон наразі не може.", ["united-states doubt troops-sent"]),
    "sees no evidence": ("Пентагон не бачить доказів участі солдатів КНДР у боях.", ["united-states doubt troops-sent"]),
    "refuses to comment": ("Кремль відмовився коментувати участь військ КНДР у боях.", ["russia decline troops-sent"]),
    "refuses to comment, the noun": ("У Кремлі відмовилися від коментарів щодо участі військ КНДР у боях.", ["russia decline troops-sent"]),
    "refuses, the infinitive first": ("Коментувати участь солдатів КНДР у Кремлі відмовилися.", ["russia decline troops-sent"]),
    "did not wish to answer": ("Відповідати на запитання про солдатів КНДР у Росії Пєсков не захотів.", ["russia decline troops-sent"]),
    "does not hurry to confirm": ("Москва не поспішає підтверджувати участь військ КНДР.", ["russia decline troops-sent"]),
    "abstained": ("Пхеньян утримався від коментарів щодо участі військ КНДР у боях.", ["north-korea decline troops-sent"]),
    "neither confirms nor denies": ("Москва не підтверджує й не заперечує присутність військ КНДР.", ["russia decline troops-sent"]),
    "neither, nor, with a comma": ("Кремль ні підтверджує, ні спростовує участь військ КНДР у боях.", ["russia decline troops-sent"]),
    "did not confirm": ("Пхеньян офіційно не підтвердив відправлення своїх військ.", ["north-korea decline troops-sent"]),
    "did not deny": ("Путін не заперечив, що солдати КНДР перебувають у Росії.", ["russia decline troops-sent"]),
    "neither A nor B": (
        "Ні Москва, ні Пхеньян участі солдатів КНДР у боях досі не визнали.",
        ["north-korea decline troops-sent", "russia decline troops-sent"],
    ),
    "keeps silent": ("Пхеньян зберігає мовчання про свої війська на Курщині.", ["north-korea decline troops-sent"]),
    "refers elsewhere": ("Про війська КНДР на Курщині Пєсков порадив запитати в Міноборони.", ["russia decline troops-sent"]),
    "does not say whether": ("Чи повернуться солдати КНДР додому, у Пхеньяні не повідомили.", ["north-korea decline troops-return-home"]),
    # --- Modality: nothing is stated ----------------------------------------------------------------------------------------
    "may send": ("Сеул заявив, що КНДР може відправити війська до Росії.", []),
    "plans to send": ("За даними ГУР, КНДР планує відправити війська до Росії.", []),
    "a question": ("Чи воюють солдати КНДР на Курщині?", []),
    "asked whether": ("Журналісти запитали Пєскова, чи воюють солдати КНДР на боці Росії.", []),
    "a condition": ("Якщо солдати КНДР вступлять у бій, вони стануть законною ціллю, сказав Кірбі.", []),
    "an outlet in its own voice": ("Північнокорейські солдати воюють на Курщині.", []),
    "a deputy for himself": ("Депутат Держдуми заявив, що солдати КНДР воюють на Курщині.", []),
    # --- Anaphora -------------------------------------------------------------------------------------------------------
    "denied this": (
        "Київ повідомив, що солдати КНДР воюють на Курщині. У Кремлі це заперечили.",
        ["ukraine affirm troops-sent", "russia deny troops-sent"],
    ),
    "denied this information": (
        "Герасимов відзвітував, що Курську область повністю звільнено. Цю інформацію в Києві спростували.",
        ["russia affirm kursk-retaken", "ukraine deny kursk-retaken"],
    ),
    "declined to comment on it": (
        "Зеленський повідомив про перших полонених із КНДР на Курщині. Пєсков відмовився це коментувати.",
        ["ukraine affirm troops-sent", "russia decline troops-sent"],
    ),
    "these reports are called lies": (
        "Сеул заявив, що солдати КНДР прибули до Росії. У Москві такі повідомлення назвали брехнею.",
        ["south-korea affirm troops-sent", "russia deny troops-sent"],
    ),
    "the ministry repeated": (
        "У Міноборони РФ провели брифінг. У відомстві підтвердили, що солдати КНДР брали участь у боях.",
        ["russia affirm troops-sent"],
    ),
    "it and its soldiers": ("Пхеньян уперше підтвердив, що його солдати воювали на Курщині.", ["north-korea affirm troops-sent"]),
    # --- Time -----------------------------------------------------------------------------------------------------------
    "earlier": ("Раніше Москва заперечувала участь військ КНДР.", ["russia deny troops-sent past"]),
    "in a month gone by": ("У жовтні Пєсков назвав дані про солдатів КНДР у Росії фейком.", ["russia deny troops-sent past"]),
    "until recently": ("Донедавна в Пхеньяні відкидали звинувачення у відправленні військ.", ["north-korea deny troops-sent past"]),
    "until then": ("До того Кремль місяцями заперечував участь військ КНДР у боях.", ["russia deny troops-sent past"]),
    "the day before": ("Напередодні Зеленський заявив, що солдати КНДР гинуть на Курщині.", ["ukraine affirm troops-sent past"]),
    "weeks ago": ("Три тижні тому Сеул повідомив, що солдати КНДР повернулися на фронт.", ["south-korea affirm troops-sent past"]),
    "last winter": ("Минулої зими Вашингтон підтвердив, що солдати КНДР воюють на Курщині.", ["united-states affirm troops-sent past"]),
    "for the first time": ("Росія вперше визнала, що солдати КНДР воювали на Курщині.", ["russia affirm troops-sent"]),
    "still not": ("Пхеньян досі не підтвердив участі своїх військ.", ["north-korea decline troops-sent"]),
    "then and now": (
        "Пхеньян підтвердив участь своїх військ у боях. Раніше він це заперечував.",
        ["north-korea affirm troops-sent", "north-korea deny troops-sent past"],
    ),
    "time inside what is said": ("ГУР: солдати КНДР прибули на Курщину ще в жовтні.", ["ukraine affirm troops-sent"]),
    # --- The other claims, and quantities -----------------------------------------------------------------------------------
    "fully freed, in scare quotes": ("Путін оголосив, що Курську область повністю «звільнено».", ["russia affirm kursk-retaken"]),
    "full control": ("У Міноборони РФ заявили про повний контроль над Курською областю.", ["russia affirm kursk-retaken"]),
    "fighting goes on": ("Генштаб ЗСУ наголосив, що бої на Курщині тривають.", ["ukraine deny kursk-retaken"]),
    "not fully": ("Сирський сказав, що Росія не контролює повністю Курську область.", ["ukraine deny kursk-retaken"]),
    "dead, in words": ("За оцінкою Лондона, загинуло понад дві тисячі північнокорейських солдатів.", ["united-kingdom affirm troops-sent", "united-kingdom affirm thousand-dead"]),
    "dead, in digits": ("За підрахунками розвідки Південної Кореї, убито 1100 солдатів КНДР.", ["south-korea affirm troops-sent", "south-korea affirm thousand-dead"]),
    "dead, digits and a word": ("Загинуло близько 2 тис. солдатів КНДР, вважають у Сеулі.", ["south-korea affirm troops-sent", "south-korea affirm thousand-dead"]),
    "dead, below a thousand": ("Загинуло близько 600 солдатів КНДР, вважають у Сеулі.", ["south-korea affirm troops-sent"]),
    "trained": ("Сирський сказав, що солдати КНДР на Курщині добре підготовлені.", ["ukraine affirm combat-ready", "ukraine affirm troops-sent"]),
    "not trained": ("Аналітики вважають, що солдати КНДР на Курщині не готові до сучасної війни.", ["experts deny combat-ready", "experts affirm troops-sent"]),
    "cannon fodder": ("У Білому домі назвали солдатів КНДР на Курщині гарматним м'ясом.", ["united-states deny combat-ready", "united-states affirm troops-sent"]),
    "under the treaty": ("Пєсков заявив, що солдати КНДР допомагали Росії відповідно до договору про стратегічне партнерство.", ["russia affirm treaty-basis", "russia affirm troops-sent"]),
    "against the law": ("Сеул назвав відправлення північнокорейських солдатів порушенням резолюцій ООН.", ["south-korea deny treaty-basis", "south-korea affirm troops-sent"]),
    "will support": ("Кім Чен Ин пообіцяв, що КНДР і надалі підтримуватиме Росію.", ["north-korea affirm support-continues"]),
    "will go home": ("Речник НРС заявив, що солдати КНДР повернуться з Росії додому.", ["south-korea affirm troops-return-home", "south-korea affirm troops-sent"]),
    "bears responsibility": ("У Держдепі заявили, що КНДР несе відповідальність за затягування війни.", ["united-states affirm dprk-responsible"]),
    # --- Families of wording ------------------------------------------------------------------------------------------------
    "an impersonal passive in -но, -то": ("За даними Сеула, до Росії вже перекинуто півтори тисячі північнокорейських спецпризначенців.", ["south-korea affirm troops-sent"]),
    "a bare number of them, moved": (
        "Зеленський заявив, що КНДР відправила солдатів до Росії. За його словами, на фронт уже перекинули 3 тисячі.",
        ["ukraine affirm troops-sent"],
    ),
    "the losses that are not told": (
        "Сеул повідомив про загибель солдатів КНДР на Курщині. Пхеньян точних даних про втрати не наводить.",
        ["south-korea affirm troops-sent", "north-korea decline thousand-dead"],
    ),
    "both capitals": (
        "Про солдатів КНДР на Курщині запитали Пхеньян і Москву. Обидві столиці відмовилися коментувати ці повідомлення.",
        ["north-korea decline troops-sent", "russia decline troops-sent"],
    ),
    "an object pronoun": (
        "Сеул повідомив, що солдати КНДР воюють на Курщині, а Київ повторив ці дані. Пентагон поки не може їх підтвердити.",
        ["south-korea affirm troops-sent", "united-states doubt troops-sent"],
    ),
    "contradictory information": ("Пєсков назвав інформацію про відправлення військ КНДР до Росії суперечливою.", ["russia doubt troops-sent"]),
    "another's claim that is denied": (
        "Москва відкинула заяви Києва про відправлення солдатів КНДР на Курщину.",
        ["russia deny troops-sent", "ukraine affirm troops-sent"],
    ),
    "another's claim that is not confirmed": (
        "Вашингтон утримався від підтвердження заяв Сеула про перекидання військ КНДР до Росії.",
        ["united-states decline troops-sent", "south-korea affirm troops-sent"],
    ),
    "a pronoun behind its verb": (
        "Південнокорейські військові сказали, що солдати КНДР воюють на Курщині. Пхеньян, вважають вони, і далі підтримуватиме Росію.",
        ["south-korea affirm support-continues", "south-korea affirm troops-sent"],
    ),
    "an expression of his": ("Зеленський виступив увечері. Солдати КНДР, за його висловом, уже на передовій.", ["ukraine affirm troops-sent"]),
    "evades in vague words": ("На запитання про солдатів КНДР у Росії Пєсков відповів ухильно.", ["russia decline troops-sent"]),
    "an imperfective past": ("Кремль називав дані про солдатів КНДР у Росії вигадкою.", ["russia deny troops-sent past"]),
    "qualifies as a breach": ("Сеул кваліфікував відправлення солдатів КНДР як порушення резолюцій Ради Безпеки ООН.", ["south-korea deny treaty-basis", "south-korea affirm troops-sent"]),
    # --- Near misses ----------------------------------------------------------------------------------------------------
    "labourers": ("ГУР повідомило, що КНДР відправила до Росії тисячі робітників.", []),
    "arms": ("Буданов заявив, що КНДР відправила до Росії 200 далекобійних гармат.", []),
    "the peninsula": ("Сеул повідомив, що солдати КНДР перетнули демаркаційну лінію.", []),
    "an apostrophe that is a letter": ("Обʼєднаний комітет начальників штабів Південної Кореї заявив, що солдати КНДР воюють проти України.", ["south-korea affirm troops-sent"]),
    "the ministers of another alliance": ("Макрон не виключив відправлення військ НАТО в Україну.", []),
}  # fmt: skip


@pytest.fixture(scope="module")
def kursk() -> Rulebook:
    return open_rulebook(Path(__file__).parents[2] / "rules")


@pytest.mark.parametrize(("text", "expected"), READS.values(), ids=READS)
def test_reading(text: str, expected: list[str], kursk: Rulebook) -> None:
    at = datetime(2025, 4, 29, 12, tzinfo=UTC)
    title, body = (text[1:], "") if text.startswith("#") else ("", text)
    article = Article(id="a", lang="uk", title=title, text=body, published_at=at, fetched_at=at)
    found = [
        f"{e.party} {e.stance} {e.claim}" + (" past" if e.when == "past" else "") for one in read(article, kursk) for e in one.evidence
    ]
    assert sorted(found) == sorted(expected)

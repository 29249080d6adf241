"""How English words a stance, construction by construction: sentences -> what is read in them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.engine.pipeline import read
from monitor.engine.vocabulary import Rulebook
from monitor.model import Article
from monitor.stories import open_rulebook

RULES = Path(__file__).parent.parent.parent / "rules"
AT = datetime(2025, 5, 6, 12, tzinfo=UTC)
LEAD = "North Korean soldiers are in Russia's Kursk region, according to a report. "
"""A sentence that nobody says, so that "the soldiers" and "this" have something to stand for."""

ROWS = [
    # Attribution: where the source stands
    ("a plain statement", "Seoul said that North Korean troops are fighting in Kursk.", "troops-sent south-korea affirm now"),
    ("the source behind the content", "North Korean troops have arrived in Kursk, the Pentagon said.", "troops-sent united-states affirm now"),
    ("an inverted verb", '"North Korean soldiers are at the front," said Andriy Yermak.', "troops-sent ukraine affirm now"),
    ("according to", "According to NATO, North Korean units have been deployed to Russia.", "troops-sent nato affirm now"),
    ("a headline with a colon", "Zelensky: North Korean soldiers are storming villages in Kursk.", "troops-sent ukraine affirm now"),
    ("a source in the middle", "North Korean soldiers, the White House said, have gone into action in Kursk.", "troops-sent united-states affirm now"),
    ("a passive with its agent", "The presence of North Korean troops in Russia was confirmed by the Kremlin.", "troops-sent russia affirm now"),
    ("an allegation and its denial", "South Korean allegations that Pyongyang has sent troops to Russia were rejected by Moscow.",
     "troops-sent south-korea affirm now; troops-sent russia deny now"),
    ("a nominal claim", "Ukraine's assertion that North Korean troops are in Kursk has not been tested.", "troops-sent ukraine affirm now"),
    ("an office with its seat", "The intelligence service in Seoul says that 12,000 North Korean soldiers have been sent to Russia.", "troops-sent south-korea affirm now"),
    ("an office after its capital", LEAD + "In Moscow, the foreign ministry denied this.", "troops-sent russia deny now"),
    ("a relative clause after the source", "Mark Rutte, who was visiting Riga, confirmed that North Korean troops have been deployed to Kursk.", "troops-sent nato affirm now"),
    ("an apposition", "Dmitry Peskov, the Kremlin's spokesman, denied that North Korean soldiers were in Ukraine.", "troops-sent russia deny now"),
    ("two sources joined", "Moscow and Pyongyang confirmed that North Korean soldiers fought in Kursk.",
     "troops-sent russia affirm now; troops-sent north-korea affirm now"),
    ("neither and nor", "Neither Moscow nor Pyongyang has confirmed that North Korean troops are in Kursk.",
     "troops-sent russia decline now; troops-sent north-korea decline now"),
    ("no official", "No Russian official has confirmed that North Korean soldiers are in Kursk.", "troops-sent russia decline now"),
    ("unnamed analysts", "North Korean soldiers are fighting in Kursk, analysts say.", "troops-sent experts affirm now"),
    ("unnamed Western officials", "Western officials believe that North Korean soldiers have reached Kursk.", "troops-sent western-officials affirm now"),
    ("lawmakers speak for nobody", "North Korea has suffered losses in Kursk, South Korean lawmakers said.", ""),
    ("reporters are told", "Marco Rubio told reporters that North Korean soldiers were being trained in Russia.", "troops-sent united-states affirm now"),
    ("what the verb's agent denies is the clause before, whatever its source had said earlier",
     "Gerasimov praised the North Korean soldiers in Kursk. He added that Kursk had been fully liberated, but this information was denied by Kyiv.",
     "troops-sent russia affirm now; kursk-retaken russia affirm now; kursk-retaken ukraine deny now"),
    ("a part of something else than the region",
     "Gerasimov claimed that Moscow had regained full control over the Kursk region in the western part of the country, but this was denied by Ukraine.",
     "kursk-retaken russia affirm now; kursk-retaken ukraine deny now"),
    # One position at a time
    ("who affirms does not evade the same claim",
     "The Kremlin confirmed that North Korean troops fought in Kursk. It declined to comment on how many of them had been sent to Kursk.",
     "troops-sent russia affirm now"),
    ("what was given up stays as a recap",
     "The Kremlin confirmed that North Korean troops fought in Kursk. Until now it had declined to comment on the troops in Kursk.",
     "troops-sent russia affirm now; troops-sent russia decline past"),
    ("a shorter name after whom it belongs to", "Putin received Kim Jong Un in Beijing. He said that the soldiers had fought bravely in Kursk.",
     "troops-sent russia affirm now"),
    ("a shorter name after nobody it belongs to", "The parliament in Seoul met. Officials in Kyiv said that the soldiers had fought bravely in Kursk.", ""),
    ("called by one name later", "Pentagon spokesman Brett Harlow took questions in Brussels on Tuesday. North Korean troops are fighting in Kursk, Harlow said.",
     "troops-sent united-states affirm now"),
    ("somebody unknown behind the content", "North Korea has sent 10,000 troops to Russia, Rep. Brett Harlow said.", ""),
    ("somebody unknown behind an inverted verb", '"North Korean soldiers are at the front in Kursk," said Brett Harlow.', ""),
    ("an apposition behind an inverted verb", '"North Korean soldiers are at the front in Kursk," said Brett Harlow, a senior Pentagon official.', "troops-sent united-states affirm now"),
    ("he is a person", "Zelensky met the ambassador of Japan. North Korean troops are in Kursk, Tokyo said. He confirmed that North Korean soldiers are fighting there.",
     "troops-sent japan affirm now; troops-sent ukraine affirm now"),
    ("a description by its noun", "The NIS opened its archive. Moscow said on Tuesday that it would not attend. The agency estimated that 300 North Korean soldiers had been killed in Kursk.",
     "troops-sent south-korea affirm now"),
    ("no word from", LEAD + "There was no immediate comment from Moscow.", "troops-sent russia decline now"),
    ("is mute", LEAD + "On the soldiers, Pyongyang is mute.", "troops-sent north-korea decline now"),
    ("sees no need", LEAD + "Moscow sees no need to comment on them.", "troops-sent russia decline now"),
    ("in no position to verify", LEAD + "NATO was in no position to verify the report.", "troops-sent nato doubt now"),
    ("conflicting", LEAD + "The Kremlin spoke of conflicting information.", "troops-sent russia doubt now"),
    ("pours derision", LEAD + "The Kremlin greeted the report with derision.", "troops-sent russia deny now"),
    ("more than a negation", "The Pentagon said that no fewer than 10,000 North Korean soldiers are in Kursk.", "troops-sent united-states affirm now"),
    ("nobody's doubt before a source that trails", "There is no evidence that North Korean soldiers are in Russia, Dmitry Peskov told reporters in Moscow.", "troops-sent russia doubt now"),
    ("nobody's doubt in a quotation", '"We cannot independently confirm these reports," a NATO spokesperson said of the North Korean deployment to Russia.', "troops-sent nato doubt now"),
    ("a quotation rejects what its source is asked about", '"It\'s yet another hoax," the Kremlin spokesman said when asked about reports of North Korean troops in Russia.', "troops-sent russia deny now"),
    ("who is asked and speaks of something else", "A Chinese spokesman said Beijing hoped all sides would work for de-escalation when asked about North Korean troops in Russia.", "troops-sent china decline now"),
    ("who is asked and answers", "Asked about North Korean troops in Kursk, Mark Rutte said that they were fighting there.", "troops-sent nato affirm now"),
    ("evasive words in a question", "Whether North Korean soldiers are in Kursk is our business, Putin said.", "troops-sent russia decline now"),
    ("two people side by side are two", "In a video call with Putin, Gerasimov said the last Ukrainian-held village in Kursk had been recaptured.", "kursk-retaken russia affirm now"),
    ("claims called false by a source that trails", "Russian claims that the Kursk region has been fully liberated are false, the Ukrainian military said.",
     "kursk-retaken russia affirm now; kursk-retaken ukraine deny now"),
    ("a claim to have done it", "Ukraine said its forces remained in Kursk despite the Russian claim to have recaptured it.",
     "kursk-retaken russia affirm now; kursk-retaken ukraine deny now"),
    ("an ambassador in another's capital", "The Russian ambassador in London denied that North Korean soldiers were fighting on the front line.", "troops-sent russia deny now"),
    ("forged papers are no rejection", "The North Korean soldiers in Kursk carried false papers, Kyiv said.", "troops-sent ukraine affirm now"),
    ("a plan in the past tense", "Kyrylo Budanov said 2,600 North Korean soldiers would be sent to Kursk.", ""),
    ("state media speak for nobody", "Russian state television showed North Korean soldiers training in Kursk.", ""),
    # Nesting
    ("a party on another's admission", "Kyiv said that Moscow had admitted that North Korean troops are in Kursk.", "troops-sent ukraine affirm now"),
    ("a party on another's denial", "Kyiv said that Moscow had denied that North Korean troops are in Kursk.", ""),
    # Stance classes
    ("admits", "Russia admitted that North Korean soldiers took part in the fighting in Kursk.", "troops-sent russia affirm now"),
    ("owns up", "Pyongyang owned up to its part in the war in Ukraine.", "troops-sent north-korea affirm now"),
    ("praises", "Putin praised the heroism of the North Korean soldiers in Kursk.", "troops-sent russia affirm now"),
    ("thanks", "Gerasimov thanked the Korean fighters for their help in liberating Kursk.", "troops-sent russia affirm now"),
    ("condemns", "Japan strongly condemned the dispatch of North Korean troops to Russia.", "troops-sent japan affirm now"),
    ("waves aside", LEAD + "The Kremlin waved the report aside.", "troops-sent russia deny now"),
    ("calls it a fake", LEAD + "Dmitry Peskov called the report a fake.", "troops-sent russia deny now"),
    ("speaks of a hoax", LEAD + "The Kremlin spoke of a hoax.", "troops-sent russia deny now"),
    ("an adjective for the content", "The Kremlin said that reports of North Korean troops in Russia were groundless.", "troops-sent russia deny now"),
    ("a rejection in a noun", LEAD + "Moscow's denial came within the hour.", "troops-sent russia deny now"),
    ("doubts", "Experts doubted that North Korean soldiers are in Kursk.", "troops-sent experts doubt now"),
    ("cannot verify", "The Pentagon could not independently verify reports that North Korean troops were in Russia.", "troops-sent united-states doubt now"),
    ("has seen no evidence", "NATO has seen no evidence that North Korean troops are in Russia.", "troops-sent nato doubt now"),
    ("declines to comment", "The Kremlin declined to comment on the North Korean troops in Kursk.", "troops-sent russia decline now"),
    ("neither confirms nor denies", "Putin neither confirmed nor denied that North Korean soldiers were in Russia.", "troops-sent russia decline now"),
    ("passes the question on", LEAD + "The Kremlin referred questions to the Defence Ministry.", "troops-sent russia decline now"),
    ("keeps silent", LEAD + "Pyongyang has kept silent.", "troops-sent north-korea decline now"),
    ("would not confirm", "The Kremlin would not confirm that North Korean soldiers were in Kursk.", "troops-sent russia decline now"),
    ("does not rule out", LEAD + "Moscow did not deny it.", "troops-sent russia decline now"),
    ("has yet to comment", LEAD + "North Korea has yet to comment.", "troops-sent north-korea decline now"),
    ("stops short of a confirmation", LEAD + "The Kremlin stopped short of confirming it.", "troops-sent russia decline now"),
    # Polarity and modality
    ("a negated content", "Kim Song said that North Korea had not sent troops to Russia.", "troops-sent north-korea deny now"),
    ("no troops", "Moscow said there are no North Korean troops in Kursk.", "troops-sent russia deny now"),
    ("a plan", "Pyongyang may send troops to Russia, Seoul said.", ""),
    ("a condition", "If North Korean troops were sent to Russia, it would be an escalation, NATO said.", ""),
    ("a question", "Has North Korea sent troops to Russia, Kyiv asked?", ""),
    ("who is asked and says something beside it", "Asked about North Korean troops in Russia, the Kremlin said the weather was fine.", "troops-sent russia decline now"),
    # Time
    ("an earlier denial", "Moscow had previously denied that North Korean troops were in Russia.", "troops-sent russia deny past"),
    ("a dated denial", "In October, the Kremlin dismissed reports of North Korean troops in Russia as fake.", "troops-sent russia deny past"),
    ("for the first time", "Russia confirmed for the first time that North Korean soldiers fought in Kursk.", "troops-sent russia affirm now"),
    # Anaphora
    ("this", LEAD + "Moscow denied this.", "troops-sent russia deny now"),
    ("such reports", LEAD + "Moscow rejected such reports.", "troops-sent russia deny now"),
    ("he goes on", "Zelensky said that North Korean troops are in Kursk. He said that they were suffering heavy losses.", "troops-sent ukraine affirm now"),
    ("they stands for the soldiers", LEAD + "They are poorly trained, Oleksandr Syrskyi said.", "combat-ready ukraine deny now; troops-sent ukraine affirm now"),
    ("the agency", "The NIS said that North Korean troops are in Russia. The agency estimated that 300 had been killed.", "troops-sent south-korea affirm now"),
    # Quantities
    ("a bare number of men", LEAD + "Seoul estimates that more than 11,000 have been sent.", "troops-sent south-korea affirm now"),
    ("a thousand dead in digits", "At least 1,100 North Korean soldiers have been killed, Kyiv said.", "thousand-dead ukraine affirm now; troops-sent ukraine affirm now"),
    ("thousands dead in words", "Two thousand North Korean soldiers have died in Kursk, the NIS said.", "thousand-dead south-korea affirm now; troops-sent south-korea affirm now"),
    ("a number before its noun counts it", "Seoul counts 600 dead, 4,700 hurt among the North Korean soldiers in Kursk.", "troops-sent south-korea affirm now"),
    ("fewer than a thousand", "About 600 North Korean soldiers have been killed, the NIS said.", "troops-sent south-korea affirm now"),
    # The other claims
    ("retaken", "Valery Gerasimov told Putin that the Kursk region had been completely liberated.", "kursk-retaken russia affirm now"),
    ("the last village", "The last village in the Kursk region has been taken back, the Russian defence ministry said.", "kursk-retaken russia affirm now"),
    ("fighting goes on", "Fighting in the Kursk region continues, the Ukrainian General Staff said.", "kursk-retaken ukraine deny now"),
    ("cannon fodder", "The North Korean soldiers in Kursk are cannon fodder, Marco Rubio said.", "combat-ready united-states deny now; troops-sent united-states affirm now"),
    ("well trained", "North Korean soldiers in Kursk are well trained, Oleksandr Syrskyi said.", "combat-ready ukraine affirm now; troops-sent ukraine affirm now"),
    ("in line with the treaty", "Pyongyang said that the deployment of its troops to Russia was in line with the treaty.", "treaty-basis north-korea affirm now; troops-sent north-korea affirm now"),
    ("a breach of resolutions", "South Korea said that the deployment of North Korean troops to Russia violates UN resolutions.", "treaty-basis south-korea deny now; troops-sent south-korea affirm now"),
    ("unwavering support", "Kim Jong Un promised unwavering support for Russia's army.", "support-continues north-korea affirm now"),
    ("stand by", "North Korea will always stand by Russia, Choe Son Hui said.", "support-continues north-korea affirm now"),
    ("will come home", "The North Korean soldiers will return home, Kim Jong Un said.", "troops-return-home north-korea affirm now"),
    ("bears responsibility", "North Korea bears responsibility for prolonging the war, the State Department said.", "dprk-responsible united-states affirm now"),
    # More shapes of reports
    ("a vow", "Kim Jong Un vowed to back Russia unconditionally until victory.", "support-continues north-korea affirm now"),
    ("a pledge in a noun", "Pyongyang's pledge to continue supporting Russia's army stands.", "support-continues north-korea affirm now"),
    ("revealed", "Seoul's spy agency revealed that 3,000 more North Korean soldiers had left for Russia.", "troops-sent south-korea affirm now"),
    ("warned", "The EU warned that North Korean troops fighting alongside Russia are an escalation.", "troops-sent european-union affirm now"),
    ("accused", "Ukraine accused Russia of throwing North Korean soldiers into assaults near Kursk.", "troops-sent ukraine affirm now"),
    ("put the figure", LEAD + "The Pentagon put their number at about 10,000.", "troops-sent united-states affirm now"),
    ("a statement with a date line", "SEOUL, May 6 (Example) - North Korean troops have entered combat in Kursk, South Korea's military said on Tuesday.", "troops-sent south-korea affirm now"),
    ("adding", "The Pentagon declined to give a number, adding that North Korean soldiers are fighting in Kursk.", "thousand-dead united-states decline now; troops-sent united-states affirm now"),
    ("dismissed as", 'The Kremlin dismissed reports about North Korean soldiers in Ukraine as "fake news".', "troops-sent russia deny now"),
    ("nothing but rumours", "Talk of North Korean troops in Russia is nothing but rumours, Pyongyang's UN mission said.", "troops-sent north-korea deny now"),
    ("poured scorn", LEAD + "Maria Zakharova poured scorn on the report.", "troops-sent russia deny now"),
    ("evaded", "Putin sidestepped a question about the North Korean soldiers in Kursk.", "troops-sent russia decline now"),
    ("said nothing", LEAD + "Peskov said nothing about it.", "troops-sent russia decline now"),
    ("gave no answer", LEAD + "The Kremlin gave no answer.", "troops-sent russia decline now"),
    ("without a comment", LEAD + "Moscow did not immediately respond.", "troops-sent russia decline now"),
    ("has not acknowledged", "Pyongyang has not acknowledged that its soldiers are fighting in Kursk.", "troops-sent north-korea decline now"),
    ("is not aware", LEAD + "Beijing was not aware of the matter.", "troops-sent china decline now"),
    ("refuses to say", "The Kremlin refused to say whether North Korean soldiers were in Kursk.", "troops-sent russia decline now"),
    ("lawful if it were so", "If it happened, it would be in line with international law, Pyongyang said.", ""),
    ("sees signs", "Tokyo sees signs that North Korean troops are fighting in Kursk.", "troops-sent japan affirm now"),
    ("is convinced", "Kyiv is convinced that North Korean troops are in Kursk.", "troops-sent ukraine affirm now"),
    ("contested", "Ukraine contested the claim that Russia had fully retaken the Kursk region.", "kursk-retaken ukraine deny now"),
    ("expelled", "All Ukrainian forces have been expelled from the Kursk region, Moscow said.", "kursk-retaken russia affirm now"),
    ("cleared", "Putin announced that the whole of the Kursk region had been cleared of Ukrainian troops.", "kursk-retaken russia affirm now"),
    ("ready for drones", "North Korean soldiers have adapted to drone warfare in Kursk, the ISW assessed.", "combat-ready experts affirm now; troops-sent experts affirm now"),
    ("no experience", "North Korean soldiers in Kursk have no combat experience, Seoul said.", "combat-ready south-korea deny now; troops-sent south-korea affirm now"),
    ("death toll", "The death toll among North Korean troops in Kursk has passed 1,000, Western officials said.", "thousand-dead western-officials affirm now; troops-sent western-officials affirm now"),
    ("a denial of the number", "The Kremlin denied that 1,000 North Korean soldiers had been killed in Kursk.", "thousand-dead russia deny now; troops-sent russia deny now"),
    ("legal", "Lavrov insisted that the use of North Korean soldiers in Kursk was lawful under the treaty.", "treaty-basis russia affirm now; troops-sent russia affirm now"),
    ("a breach", "Tokyo called the North Korean deployment to Russia a violation of the UN Charter.", "treaty-basis japan deny now; troops-sent japan affirm now"),
    ("a months-long silence broken", "Pyongyang broke its silence and confirmed that it had sent soldiers to Russia.", "troops-sent north-korea affirm now"),
    ("earlier no comment", LEAD + "Last month the Kremlin declined to comment on it.", "troops-sent russia decline past"),
    ("monuments", "Russia will put up a monument to the North Korean soldiers who fell in Kursk, Shoigu said.", "troops-sent russia affirm now"),
    ("mourning", "Kim Jong Un wept before the portraits of North Korean soldiers who died fighting in Kursk, KCNA reported.", "troops-sent north-korea affirm now"),
    ("prisoners", "Zelensky said that two North Korean soldiers had been captured in Kursk.", "troops-sent ukraine affirm now"),
    ("bears part of the blame", "Washington blamed North Korea for prolonging the war in Ukraine.", "dprk-responsible united-states affirm now"),
    ("helps sustain", "The State Department said that third countries such as North Korea bear responsibility for perpetuating the war.", "dprk-responsible united-states affirm now"),
    ("sappers", "Moscow said that 1,000 sappers from North Korea will clear mines in Kursk.", ""),
    ("another war", "Historians say that North Korean pilots fought in the Vietnam War.", ""),
    # Wording of the claims, once it is known whose soldiers they are
    ("moved by ship", LEAD + "Seoul said that 2,400 commandos had been shipped to the Russian Far East.", "troops-sent south-korea affirm now"),
    ("thrown into the fight", LEAD + "The men were thrown into battle at once, Kyiv said.", "troops-sent ukraine affirm now"),
    ("a bare name for the soldiers", LEAD + "Special forces had taken part in freeing the region, Putin said.", "troops-sent russia affirm now"),
    ("a plea to leave", LEAD + "Brussels demanded the immediate withdrawal of these troops.", "troops-sent european-union affirm now"),
    ("free of the enemy", "Gerasimov reported that Kursk was free of Ukrainian forces.", "kursk-retaken russia affirm now"),
    ("in Russian hands", "The whole of Kursk is back in Russian hands, the Kremlin said.", "kursk-retaken russia affirm now"),
    ("a defeat declared complete", "Moscow declared the rout of Ukrainian troops in the Kursk region complete.", "kursk-retaken russia affirm now"),
    ("nearly all of it", "Nearly all of the Kursk region has been cleared of the enemy, Gerasimov said.", ""),
    ("its own men hold on", "Moscow says that it has retaken the Kursk region. Kyiv said that its men still hold their positions in the Kursk region.",
     "kursk-retaken russia affirm now; kursk-retaken ukraine deny now"),
    ("a clause does not cover it", LEAD + "The treaty can therefore not cover the deployment, Seoul said.",
     "treaty-basis south-korea deny now; troops-sent south-korea affirm now"),
    ("unchanging backing", "Choe Son Hui promised unchanging backing for Russia.", "support-continues north-korea affirm now"),
    ("somebody else is backed", "The EU will continue to support Ukraine against Russia and North Korea, Kaja Kallas said.", ""),
    ("home in coffins", "The soldiers that North Korea sent to Russia will go home in coffins, Kyiv said.", "troops-sent ukraine affirm now"),
    ("the war kept going", "North Korea must answer for keeping the war going, the State Department said.", "dprk-responsible united-states affirm now"),
    ("no fewer than", "No fewer than 9,000 North Korean soldiers are in Kursk, the Pentagon said.", "troops-sent united-states affirm now"),
    ("the wounded in a total", LEAD + "Some 500 soldiers have died, out of 4,200 casualties, the NIS said.", "troops-sent south-korea affirm now"),
    ("a country's own part", LEAD + "Washington voiced concern about North Korea's direct involvement.", "troops-sent united-states affirm now"),
    ("what a deployment would mean", "A deployment would mark an escalation by North Korea, NATO said.", ""),
    ("a date just ahead", "SEOUL, May 7 -- North Korea confirmed that it had sent soldiers to Russia.", "troops-sent north-korea affirm now"),
    # Near misses
    ("labourers", "North Korea will send 5,000 construction workers to Russia, Moscow said.", ""),
    ("weapons", "North Korea has sent 9,000 containers of shells to Russia, Washington said.", ""),
    ("a submarine", "The navy denied that the submarine Kursk had been hit.", ""),
]  # fmt: skip


@pytest.fixture(scope="module")
def kursk() -> Rulebook:
    return open_rulebook(RULES)


def stances(rulebook: Rulebook, text: str) -> set[str]:
    article = Article(id="a", title="", text=text, lang="en", published_at=AT, fetched_at=AT)
    return {f"{e.claim} {e.party} {e.stance.value} {e.when.value}" for one in read(article, rulebook) for e in one.evidence}


@pytest.mark.parametrize(("construction", "text", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_english_is_read(kursk: Rulebook, construction: str, text: str, expected: str) -> None:
    assert stances(kursk, text) == set(filter(None, expected.split("; "))), construction

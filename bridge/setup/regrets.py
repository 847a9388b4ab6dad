"""Words the companion's apologies for a dialogue that failed or was stopped, in the languages that are known here.

An identity has sentences of its own in identity.json: `"sorry"`, `"away"` and `"withheld"`.
"""

from __future__ import annotations

from typing import Final

# By primary language: said when a reply breaks off, before the script stands in for a language model, and where a gate
# has ended a reply.
REGRETS: Final = {
    "ar": (
        "عذرا، فقدت خيط الحديث.",
        "نموذجي اللغوي لا يجيب الآن، لذلك أتكلم من نص مكتوب.",
        "من الأفضل ألا أقول ذلك.",
    ),
    "cs": (
        "Promiňte, ztratil jsem nit.",
        "Můj jazykový model teď neodpovídá, mluvím proto podle scénáře.",
        "V tom raději nebudu pokračovat.",
    ),
    "da": (
        "Undskyld, jeg tabte tråden.",
        "Min sprogmodel svarer ikke lige nu, så jeg taler efter manuskript.",
        "Det må jeg hellere lade være med at sige.",
    ),
    "de": (
        "Entschuldigung, ich habe den Faden verloren.",
        "Mein Sprachmodell antwortet gerade nicht, darum spreche ich nach Drehbuch.",
        "Das sage ich lieber nicht.",
    ),
    "en": (
        "Sorry, I have lost my thread.",
        "My language model does not answer just now, so I speak from my script.",
        "I had better not say that.",
    ),
    "es": (
        "Perdona, he perdido el hilo.",
        "Mi modelo de lenguaje no responde ahora mismo, así que hablo según mi guion.",
        "Mejor no digo eso.",
    ),
    "fr": (
        "Pardon, j'ai perdu le fil.",
        "Mon modèle de langage ne répond pas en ce moment, je parle donc d'après mon script.",
        "Je préfère ne pas dire cela.",
    ),
    "hi": (
        "माफ़ कीजिए, मैं बात भूल गया।",
        "मेरा भाषा मॉडल अभी उत्तर नहीं दे रहा, इसलिए मैं अपनी पटकथा से बोल रहा हूँ।",
        "यह बात न कहना ही बेहतर है।",
    ),
    "it": (
        "Scusa, ho perso il filo.",
        "Il mio modello linguistico ora non risponde, perciò parlo seguendo il copione.",
        "Questo è meglio che non lo dica.",
    ),
    "ja": (
        "すみません、話の筋を見失いました。",
        "言語モデルが今応答しないので、台本からお話しします。",
        "それは言わないでおきます。",
    ),
    "ko": (
        "죄송해요, 하던 말을 잊어버렸어요.",
        "언어 모델이 지금 대답하지 않아서 대본에 따라 말할게요.",
        "그 말은 하지 않는 게 좋겠어요.",
    ),
    "nl": (
        "Sorry, ik ben de draad kwijt.",
        "Mijn taalmodel antwoordt nu niet, dus ik spreek volgens mijn script.",
        "Dat kan ik beter niet zeggen.",
    ),
    "pl": (
        "Przepraszam, zgubiłam wątek.",
        "Mój model językowy teraz nie odpowiada, więc mówię według scenariusza.",
        "Tego lepiej nie powiem.",
    ),
    "pt": (
        "Desculpe, perdi o fio.",
        "O meu modelo de linguagem não responde agora, por isso falo pelo guião.",
        "É melhor eu não dizer isso.",
    ),
    "ru": (
        "Извините, я потерял нить.",
        "Моя языковая модель сейчас не отвечает, поэтому я говорю по сценарию.",
        "Об этом я лучше промолчу.",
    ),
    "sv": (
        "Förlåt, jag tappade tråden.",
        "Min språkmodell svarar inte just nu, så jag talar efter manus.",
        "Det är bäst att jag inte säger det.",
    ),
    "tr": (
        "Üzgünüm, sözün ucunu kaçırdım.",
        "Dil modelim şu anda yanıt vermiyor, bu yüzden senaryomdan konuşuyorum.",
        "Bunu söylemesem daha iyi.",
    ),
    "uk": (
        "Вибачте, я втратив нитку.",
        "Моя мовна модель зараз не відповідає, тож я говорю за сценарієм.",
        "Про це я краще промовчу.",
    ),
    "zh": (
        "抱歉，我的思路断了。",
        "我的语言模型现在没有回应，所以我先按剧本说话。",
        "这个我还是不说了。",
    ),
}


def regrets(language: str, *, sorry: str = "", away: str = "", withheld: str = "") -> tuple[str, str, str]:
    """Return the sentences in `language` (BCP-47), an identity's own before ours; "" where there is none."""
    code = language.replace("_", "-").partition("-")[0].lower()
    known = REGRETS.get("zh" if code in ("cmn", "yue") else code, ("", "", ""))
    return sorry or known[0], away or known[1], withheld or known[2]

"""Code pages are told by what the bytes would spell: words of one language are no words in another page."""

import pytest

from pipelines.drafting.encodings import told_encoding

TEXTS = {
    "cp1250": [
        "Imię;Źródło;Etap\nŁukasz;Targi;Wygrana\nPaweł;Polecenie;Przegrana\nMałgorzata;Strona;W toku\nŁódź;Żywność",
        "Jméno;Zdroj;Fáze\nJiří;Veletrh;Vyhráno\nPlzeň;Doporučení;Prohráno\nČeské Budějovice;Průmysl;Zemědělství",
        "Meno;Zdroj;Fáza\nŠtefan;Veľtrh;Vyhraté\nKošice;Odporúčanie;Stratené\nŽilina;Poľnohospodárstvo;Služby",
        "Név;Forrás;Szakasz\nErdős Győző;Vásár;Megnyert\nSzőke Jenő;Ajánlás;Elveszett\nGyőr;Hódmezővásárhely;Fűtés",
    ],
    "cp1254": [
        "Ad;Kaynak;Aşama\nAyşe;Fuar;Kazanıldı\nÇağrı;Öneri;Kaybedildi\nIşıl;Site;Teklif\nMuğla;İnşaat;Sağlık",  # noqa: RUF001
    ],
    "cp1252": [
        "Nombre;Fuente;Etapa\nÁngel;Feria;Ganada\nIñaki;Recomendación;Perdida\nMálaga;León;Año;según;también",
        "Nome;Fonte;Fase\nNicolò;Fiera;Vinta\nPubblicità;Perché;Persa\nForlì;più;giù;così;Mondovì;è;però;già;qualità",
        "Prénom;Étape\nFrançois;Où;Perdue\nÎle;Août;sûr;coût;dû;brûlé;flûte;mûr;père;forêt;fenêtre;crêpe;tête;sœur",
        "Nome;Estágio\nJoão;Conceição;Perdida\nSão Paulo;Milhões;põe;ações;opções;Pão;Irmã;Três;você;órgão;não",
        "Name;Phase\nMüller;Gewonnen\nJäger;Großhandel\nKöln;München;Düsseldorf;Österreich;Ärzte;Übung;Straße",
        "Navn;Fase\nSøren;Vundet\nÅse;Tabt;Fødevarer\nKøbenhavn;Ærø;Århus;større;brød;rød;påske;øl;læge",
        "Namn;Källa\nÅke;Mässa\nBjörn;Hänvisning;Förlorad\nMalmö;Göteborg;Örebro;Försäljning",
        "Naam;Bron\nZoë;Beurs\nRené;Financiële diensten;Café;ideeën;België",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("encoding", "text"), [(page, text) for page, texts in TEXTS.items() for text in texts])
def test_a_code_page_is_told_by_its_words(encoding: str, text: str) -> None:
    assert told_encoding(text.encode(encoding)) == (encoding, text)

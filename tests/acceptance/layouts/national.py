"""Lists of deals as systems of one country write them: German, Brazilian, Russian, Japanese."""

from pathlib import Path

import pandas as pd

from tests.acceptance.writing import dates, money, texts, whole, write_csv

GERMAN = {
    "organic_search": "Suche", "paid_search": "Anzeige", "paid_social": "Soziale Medien", "referral": "Empfehlung",
    "partner": "Partner", "trade_show": "Messe", "content_syndication": "Fachartikel", "outbound": "Kaltakquise",
}  # fmt: skip
PORTUGUESE = {
    "organic_search": "Busca Orgânica", "paid_search": "Busca Paga", "paid_social": "Redes Sociais",
    "referral": "Indicação", "partner": "Parceiro", "trade_show": "Feira", "content_syndication": "Conteúdo",
    "outbound": "Prospecção",
}  # fmt: skip
RUSSIAN = {
    "organic_search": "Поиск", "paid_search": "Реклама", "paid_social": "Соцсети", "referral": "Рекомендация",
    "partner": "Партнёр", "trade_show": "Выставка", "content_syndication": "Статья", "outbound": "Холодный звонок",
}  # fmt: skip
JAPANESE = {
    "organic_search": "自然検索", "paid_search": "検索広告", "paid_social": "SNS広告", "referral": "紹介",
    "partner": "パートナー", "trade_show": "展示会", "content_syndication": "記事", "outbound": "電話営業",
}  # fmt: skip
COUNTRIES = {
    "DE": "Deutschland", "IT": "Italien", "ES": "Spanien", "FR": "Frankreich", "GB": "Großbritannien", "US": "USA",
    "NL": "Niederlande", "PL": "Polen", "IN": "Indien",
}  # fmt: skip


def german(leads: pd.DataFrame, directory: Path) -> None:
    """Semicolons, decimal commas, the Western code page."""
    deals = leads[leads.deal_id.notna()]
    status = {"won": "Gewonnen", "lost": "Verloren", "open": "In Verhandlung"}
    write_csv(
        directory / "Verkaufschancen.csv",
        {
            "Vorgangsnr.": [f"VC-{number:05d}" for number in deals.number],
            "Bezeichnung": texts(deals.title),
            "Ansprechpartner": texts(deals.person),
            "Zuständig": texts(deals.seller),
            "Status": texts(deals.outcome, status),
            "Angelegt am": dates(deals.created, "%d.%m.%Y %H:%M"),
            "Geplanter Abschluss": dates(deals.expected, "%d.%m.%Y"),
            "Abgeschlossen am": dates(deals.closed, "%d.%m.%Y"),
            "Auftragswert": money(deals.amount, ".", ",", "{} €"),
            "Quelle": texts(deals.lead_source, lambda word: GERMAN.get(word, word)),
            "Branche": texts(deals.industry),
            "Anzahl Mitarbeiter": whole(deals.employees),
            "Land": texts(deals.country, lambda word: COUNTRIES.get(word, word)),
            "Plätze": whole(deals.seats_wanted),
            "Verlustgrund": texts(deals.loss_reason),
        },
        delimiter=";",
        encoding="cp1252",
    )


def brazilian(leads: pd.DataFrame, directory: Path) -> None:
    """The name of a deal is its title, and there is no id; reais with their sign."""
    deals = leads[leads.deal_id.notna()]
    status = {"won": "Ganho", "lost": "Perdido", "open": "Em andamento"}
    write_csv(
        directory / "negociacoes.csv",
        {
            "Nome": texts(deals.title, "Negócio {}".format),
            "Empresa": texts(deals.company),
            "Funil de vendas": ["Funil padrão"] * len(deals),
            "Estado": texts(deals.outcome, status),
            "Motivo de Perda": texts(deals.loss_reason),
            "Valor Único": money(deals.amount, ".", ",", "R$ {}"),
            "Data de criação": dates(deals.created, "%d/%m/%Y %H:%M"),
            "Data do último contato": dates(deals.changed, "%d/%m/%Y"),
            "Previsão de fechamento": dates(deals.expected, "%d/%m/%Y"),
            "Data de fechamento": dates(deals.closed, "%d/%m/%Y"),
            "Fonte": texts(deals.lead_source, lambda word: PORTUGUESE.get(word, word)),
            "Responsável": texts(deals.seller),
            "Contatos": texts(deals.person),
            "Cargo": texts(deals.job_title),
            "Email": texts(deals.email),
            "Segmento": texts(deals.industry),
            "Funcionários": whole(deals.employees),
            "Licenças": whole(deals.seats_wanted),
        },
        delimiter=";",
    )


def russian(leads: pd.DataFrame, directory: Path) -> None:
    """The list of deals of amoCRM, in the Cyrillic code page."""
    deals = leads[leads.deal_id.notna()]
    stages = {"won": "Успешно реализовано", "lost": "Закрыто и не реализовано", "open": "Переговоры"}
    second = "%d.%m.%Y %H:%M:%S"
    write_csv(
        directory / "amocrm_export_leads_2025-09-01.csv",
        {
            "ID": whole(deals.number + 1_300_000),
            "Название сделки": texts(deals.title, "Сделка {}".format),
            "Компания": texts(deals.company),
            "Основной контакт": texts(deals.person),
            "Ответственный": texts(deals.seller),
            "Этап сделки": texts(deals.outcome, stages),
            "Воронка": ["Воронка"] * len(deals),
            "Бюджет": whole(deals.amount * 100),
            "Дата создания": dates(deals.created, second),
            "Кем создана": texts(deals.seller),
            "Дата редактирования": dates(deals.changed, second),
            "Дата закрытия": dates(deals.closed, second),
            "Источник": texts(deals.lead_source, lambda word: RUSSIAN.get(word, word)),
            "Отрасль": texts(deals.industry),
            "Количество сотрудников": whole(deals.employees),
            "Мест": whole(deals.seats_wanted),
            "Причина отказа": texts(deals.loss_reason),
        },
        delimiter=";",
        encoding="cp1251",
    )


def japanese(leads: pd.DataFrame, directory: Path) -> None:
    """The list of deals with yen and years first, in the Japanese code page."""
    deals = leads[leads.deal_id.notna()]
    phases = {"won": "受注", "lost": "失注", "open": "提案中"}
    write_csv(
        directory / "商談一覧.csv",
        {
            "商談ID": [f"OP{number:06d}" for number in deals.number],
            "商談名": texts(deals.title, "{} 導入".format),
            "取引先名": texts(deals.company),
            "担当者": texts(deals.seller),
            "フェーズ": texts(deals.outcome, phases),
            "金額": [f"{amount * 100:,.0f}円" for amount in deals.amount],
            "作成日": dates(deals.created, "%Y/%m/%d %H:%M"),
            "完了予定日": dates(deals.expected, "%Y/%m/%d"),
            "完了日": dates(deals.closed, "%Y/%m/%d"),
            "最終更新日": dates(deals.changed, "%Y/%m/%d %H:%M"),
            "リードソース": texts(deals.lead_source, lambda word: JAPANESE.get(word, word)),
            "業種": texts(deals.industry),
            "従業員数": whole(deals.employees),
            "席数": whole(deals.seats_wanted),
            "失注理由": texts(deals.loss_reason),
        },
        encoding="cp932",
    )

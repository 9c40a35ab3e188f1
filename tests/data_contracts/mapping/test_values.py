from data_contracts.located_yaml import parse_located
from data_contracts.mapping.mapping import check_mapping
from data_contracts.mapping.values import values_of

MAPPING = """
name: people
sources:
  people: {file: people.csv, missing: ["", "-"]}
  fairs: {file: fairs.csv}
  visits: {file: visits.csv}
order: none
tables:
  leads:
    - from: people
      columns:
        lead_id: Key
        source: {column: Source, values: {Organic Search: organic_search, Messe: trade_show}}
        country: {column: Country, missing: [n/a], values: {Germany: DE, unknown: null}}
      attributes:
        newsletter: {column: News, type: boolean, values: {J: "true", N: "false"}}
    - from: fairs
      columns:
        lead_id: Key
        source: {column: Source, values: {Messe: fair, Stand: fair}}
  activities:
    from: visits
    columns:
      lead_id: Key
      occurred_at: At
      type: {column: Kind, values: {Seen: page_view}}
      channel: {column: Channel, values: {Post: mail}}
"""


def test_the_texts_that_a_mapping_translates_are_told_by_column() -> None:
    values = values_of(check_mapping(parse_located(MAPPING, "people.yaml")))
    assert values == {
        "leads.lead_id": {"-": None},
        "leads.source": {"Organic Search": "organic_search", "Messe": "trade_show", "-": None, "Stand": "fair"},
        "leads.country": {"Germany": "DE", "unknown": None, "n/a": None, "-": None},
        "leads.newsletter": {"J": "true", "N": "false", "-": None},
        "activities.type": {"Seen": "page_view"},
    }

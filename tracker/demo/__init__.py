"""A demonstration: case 6 replayed from the first opinion to the published summary.

Everything goes through the same services as the screens. Persons on rolls and opinions
are generated, and marked as such; dates and published figures are the anthology's.
"""

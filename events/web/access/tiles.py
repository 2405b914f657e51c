"""Where each country's tile lies on the world map: one equal tile a country, so that the small ones can be seen.

Drawn by hand, about where they lie: Polynesia east of the date line is on the left. Small neighbors stand apart.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

GRID = """
   .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. SJ .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. ..
   .. .. .. .. .. .. .. .. GL .. .. IS .. FO NO SE FI .. .. .. .. .. .. .. .. .. .. .. .. .. .. ..
   .. .. CA .. .. .. .. .. .. .. .. .. IM .. DK AX EE .. RU .. .. .. .. .. .. .. .. .. .. .. .. ..
   .. .. US .. .. PM .. .. .. .. .. IE GB NL DE PL LV BY .. .. .. .. .. .. .. .. .. .. .. .. .. ..
   .. .. .. .. .. BM .. .. .. .. .. GG BE LU CZ SK LT UA .. .. .. .. .. .. .. .. .. .. .. .. .. ..
   .. MX .. .. BS TC .. .. .. .. .. JE FR CH LI AT HU RO MD .. .. KZ .. .. .. .. .. .. .. .. .. ..
   .. GT BZ .. CU HT DO PR VG .. .. .. AD MC IT SI HR RS BG .. GE UZ KG .. MN .. KP .. .. .. .. ..
   .. SV HN KY JM .. VI AI MF .. .. PT ES VA SM BA ME MK TR AM AZ TM TJ .. CN .. KR .. JP .. .. ..
   .. .. NI .. .. .. SX BL AG .. .. .. GI .. MT AL GR CY LB SY IQ IR AF .. .. MO HK TW .. .. .. ..
   .. .. CR PA .. .. KN MS GP .. .. .. MA DZ TN LY EG .. IL PS JO KW PK NP BT MM LA VN .. .. MP UM
   .. .. .. AW CW BQ DM MQ LC .. .. EH MR ML NE TD SD ER .. SA BH QA AE IN BD .. TH KH PH .. GU MH
   .. .. .. CO VE TT GD VC BB .. CV SN GM BF BJ NG SS ET DJ .. YE OM .. LK .. .. MY BN .. PW FM KI
   .. .. EC .. GY SR GF .. .. .. .. GW GN CI GH TG CM CF SO .. .. .. MV .. .. .. SG .. .. .. .. NR
   TK .. .. PE BO BR .. .. .. .. .. SL LR ST GQ CG UG KE .. .. .. .. .. .. .. .. .. ID TL PG SB TV
   WS AS .. CL PY .. .. .. .. .. .. .. .. .. GA CD RW TZ .. SC .. .. IO .. .. .. CX .. .. .. VU WF
   NU CK PF .. AR UY .. .. .. .. .. SH .. .. AO ZM BI MW KM .. .. .. .. .. .. CC .. .. AU NC FJ TO
   .. .. PN .. .. .. .. .. .. .. .. .. .. .. NA BW ZW MZ YT .. .. .. .. .. .. .. .. .. .. .. NF ..
   .. .. .. .. .. FK .. .. .. .. .. .. .. .. ZA LS SZ .. MG RE MU .. .. .. .. .. .. .. .. .. NZ ..
   .. .. .. .. .. .. GS .. .. .. .. .. BV .. .. .. .. .. .. .. TF .. HM .. .. .. .. .. .. .. .. ..
   .. .. .. .. .. .. .. .. .. .. .. .. .. .. AQ .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. ..
"""


class Tile(NamedTuple):
    code: str
    column: int
    row: int


@cache
def tiles() -> tuple[Tile, ...]:
    """All tiles, row by row from the north; columns and rows from 0."""
    return tuple(
        Tile(code, column, row)
        for row, line in enumerate(GRID.split("\n")[1:-1])
        for column, code in enumerate(line.split())
        if code != ".."
    )


COLUMNS = len(GRID.split("\n")[1].split())
ROWS = GRID.count("\n") - 1

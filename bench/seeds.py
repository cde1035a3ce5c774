"""Write the seeds that are not plain text: an invented town's papers, one of each format.

    python -m bench.seeds [FOLDER]

The same words come out each time, and the files are the same wherever the libraries that write
them are. ``seeds/preguntas.jsonl`` asks about them.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

_WRITTEN: Final = datetime(2025, 3, 20, 9, 0, tzinfo=UTC)
_SEEDS: Final = Path(__file__).parent.parent / "seeds" / "valdehiniesta"


def write_ordinance(path: Path) -> None:
    """Write a Word document: articles and a table of fees."""
    import docx

    document = docx.Document()
    document.core_properties.title = "Ordenanza de terrazas de Valdehiniesta"
    document.core_properties.author = "Ayuntamiento de Valdehiniesta"
    document.core_properties.created = document.core_properties.modified = _WRITTEN
    document.add_heading("Ordenanza de terrazas de Valdehiniesta", 0)
    document.add_heading("Capítulo I. Disposiciones generales", 1)
    document.add_heading("Artículo 1. Objeto", 2)
    document.add_paragraph(
        "Esta ordenanza regula las mesas y sillas que los bares ponen en las calles y plazas del "
        "municipio."
    )
    document.add_heading("Artículo 2. Horario", 2)
    document.add_paragraph(
        "De domingo a jueves las terrazas cierran a las 23:30. Los viernes, los sábados y las "
        "vísperas de fiesta pueden seguir abiertas hasta la una de la madrugada."
    )
    document.add_heading("Artículo 3. Ruido", 2)
    document.add_paragraph("No se permiten altavoces al aire libre. Quedan a salvo:")
    document.add_paragraph("las fiestas patronales de septiembre;", style="List Bullet")
    document.add_paragraph("la verbena de San Juan.", style="List Bullet")
    document.add_heading("Capítulo II. Licencia y tasas", 1)
    document.add_heading("Artículo 4. Renovación", 2)
    document.add_paragraph(
        "La licencia dura dos años. Se renueva en el registro, al menos quince días hábiles antes "
        "de que caduque."
    )
    document.add_heading("Artículo 5. Tasas", 2)
    table = document.add_table(rows=0, cols=3)
    for row in (
        ("Zona", "Euros por mesa y mes", "Mesas como máximo"),
        ("Plaza Mayor", "18", "12"),
        ("Calle Real", "12", "8"),
        ("Resto del municipio", "7", "6"),
    ):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    document.save(str(path))


def write_minutes(path: Path) -> None:
    """Write an OpenDocument text: the minutes of a council."""
    from odfdo import Document, Header, Paragraph

    document = Document("text")
    document.body.clear()
    document.meta.title = "Acta del pleno de marzo"
    document.body.append(Header(1, "Acta del pleno del 14 de marzo de 2025"))
    for title, paragraphs in (
        (
            "Asistentes",
            (
                "Preside la alcaldesa, Elvira Santos Prado. Asisten once concejales.",
                "Excusa su ausencia el concejal de Cultura, Mateo Lobo.",
            ),
        ),
        (
            "Restauración del lavadero",
            (
                "El pleno aprueba gastar 86.500 euros en restaurar el lavadero de la fuente Vieja.",
                "Votan a favor siete concejales, tres en contra y uno se abstiene.",
                "La obra empezará en junio y no podrá durar más de cuatro meses.",
            ),
        ),
        (
            "Ruegos y preguntas",
            ("Una vecina pregunta por el alumbrado del camino del cementerio.",),
        ),
    ):
        document.body.append(Header(2, title))
        for text in paragraphs:
            document.body.append(Paragraph(text))
    document.save(str(path))


def write_leaflet(path: Path) -> None:
    """Write a PDF of two pages in two columns, with a running head and words cut at line ends."""
    from fpdf import FPDF

    class Leaflet(FPDF):
        def header(self) -> None:
            self.set_font("Helvetica", size=8)
            self.cell(0, 6, "Biblioteca municipal de Valdehiniesta", align="C")
            self.ln(12)

        def footer(self) -> None:
            self.set_y(-15)
            self.set_font("Helvetica", size=8)
            self.cell(0, 6, f"Página {self.page_no()}", align="C")

    leaflet = Leaflet(format=(148, 210))
    leaflet.set_creation_date(_WRITTEN)
    leaflet.set_title("Guía de la biblioteca municipal")
    leaflet.set_lang("es")
    for title, lines in _LEAFLET:
        leaflet.add_page()
        leaflet.set_font("Helvetica", "B", 15)
        leaflet.cell(0, 10, title)
        top = leaflet.get_y() + 14
        leaflet.set_font("Helvetica", size=10)
        half = (len(lines) + 1) // 2
        for column, part in enumerate((lines[:half], lines[half:])):
            for row, line in enumerate(part):
                leaflet.text(10 + 66 * column, top + 5 * row, line)
    leaflet.output(str(path))


_LEAFLET: Final = (
    (
        "Préstamo y horario",
        (
            "La biblioteca abrió en 1931 y guar-",
            "da 12.400 libros. Con el carné pue-",
            "des llevarte cuatro libros durante",
            "veintiún días, y prorrogarlos una",
            "vez si nadie los ha pedido.",
            "",
            "Las películas se prestan tres días.",
            "Por cada día de retraso se pierde",
            "un día de préstamo.",
            "El horario de invierno es de lunes",
            "a viernes, de 16:00 a 20:30. En ve-",
            "rano se abre solo por la mañana, de",
            "9:30 a 13:30.",
            "",
            "La sala de estudio tiene veintiocho",
            "puestos y no se reserva: se ocupa",
            "por orden de llegada.",
        ),
    ),
    (
        "Club de lectura",
        (
            "El club de lectura se reúne el pri-",
            "mer jueves de cada mes, a las siete",
            "de la tarde, y lo dirige la biblio-",
            "tecaria, Nuria Abad Rincón.",
            "En otoño se leen novelas policíacas;",
            "en primavera, poesía.",
        ),
    ),
)


def write_page(path: Path) -> None:
    """Write a web page with its menu."""
    path.write_text(_PAGE, "utf-8", newline="\n")


_PAGE: Final = """<!DOCTYPE html>
<html lang="es">
<head>
  <meta charset="utf-8">
  <title>El autobús a la comarca</title>
  <style>nav { display: flex; }</style>
</head>
<body>
  <nav>
    <ul>
      <li><a href="inicio.html">Inicio</a></li>
      <li><a href="tramites.html">Trámites</a></li>
      <li><a href="contacto.html">Contacto</a></li>
    </ul>
  </nav>
  <main>
    <h1>El autobús a la comarca</h1>
    <p>El autobús sale de la plaza del Mercado cada cuarenta minutos y tarda
      <b>media hora</b> en llegar al hospital comarcal.</p>
    <h2>Abono de diez viajes</h2>
    <p>El abono cuesta 9,50&nbsp;euros y no caduca. Lo pagan a la mitad los
      mayores de 65 a&ntilde;os, los estudiantes y las familias numerosas.</p>
    <table>
      <tr><th>Parada</th><th>Primer autobús</th><th>Último autobús</th></tr>
      <tr><td>Plaza del Mercado</td><td>6:40</td><td>21:20</td></tr>
      <tr><td>Molino del Conde</td><td>6:52</td><td>21:32</td></tr>
    </table>
  </main>
  <footer>Ayuntamiento de Valdehiniesta · Aviso legal</footer>
</body>
</html>
"""


def write_book(path: Path) -> None:
    """Write an electronic book of two chapters."""
    items = (
        ("mimetype", "application/epub+zip"),
        ("META-INF/container.xml", _CONTAINER),
        ("libro/libro.opf", _PACKAGE),
        ("libro/indice.xhtml", _CONTENTS),
        *(
            (f"libro/capitulo{n}.xhtml", _chapter(title, paragraphs))
            for n, (title, paragraphs) in enumerate(_BOOK, start=1)
        ),
    )
    with ZipFile(path, "w") as archive:
        for name, text in items:
            info = ZipInfo(name, _WRITTEN.timetuple()[:6])
            info.compress_type = ZIP_STORED if name == "mimetype" else ZIP_DEFLATED
            archive.writestr(info, text)


_BOOK: Final = (
    (
        "Las acequias",
        (
            "El agua llega a las huertas por dos acequias: la Mayor, que sale de la presa del "
            "Cubo, y la Chica, que recoge la de la fuente Vieja.",
            "La acequia Mayor mide 6.300 metros y riega doscientas huertas.",
        ),
    ),
    (
        "Los turnos de riego",
        (
            "Cada huerta riega una hora por cada tahúlla, de día o de noche, según le toque.",
            "El alguacil del agua reparte los turnos el primer domingo de abril. Desde 2019 lo es "
            "Paulino Cerezo.",
            "Quien riega fuera de su turno paga a la comunidad una multa de 45 euros.",
        ),
    ),
)

_CONTAINER: Final = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles>
    <rootfile full-path="libro/libro.opf" media-type="application/oebps-package+xml"/>
  </rootfiles>
</container>
"""

_PACKAGE: Final = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
  <metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
    <dc:identifier id="id">valdehiniesta-riego</dc:identifier>
    <dc:title>Manual del regante</dc:title>
    <dc:language>es</dc:language>
    <meta property="dcterms:modified">2025-03-20T09:00:00Z</meta>
  </metadata>
  <manifest>
    <item id="indice" href="indice.xhtml" media-type="application/xhtml+xml" properties="nav"/>
    <item id="c1" href="capitulo1.xhtml" media-type="application/xhtml+xml"/>
    <item id="c2" href="capitulo2.xhtml" media-type="application/xhtml+xml"/>
  </manifest>
  <spine>
    <itemref idref="indice"/>
    <itemref idref="c1"/>
    <itemref idref="c2"/>
  </spine>
</package>
"""

_CONTENTS: Final = """<?xml version="1.0" encoding="utf-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">
<head><title>Índice</title></head>
<body><nav epub:type="toc"><ol>
<li><a href="capitulo1.xhtml">Las acequias</a></li>
<li><a href="capitulo2.xhtml">Los turnos de riego</a></li>
</ol></nav></body>
</html>
"""


def _chapter(title: str, paragraphs: tuple[str, ...]) -> str:
    body = "\n".join(f"<p>{text}</p>" for text in paragraphs)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml">\n'
        f"<head><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n{body}\n</body>\n</html>\n"
    )


def write_slides(path: Path) -> None:
    """Write a presentation with notes."""
    from pptx import Presentation

    presentation = Presentation()
    presentation.core_properties.title = "La piscina cubierta"
    presentation.core_properties.created = presentation.core_properties.modified = _WRITTEN
    for title, lines, notes in (
        (
            "La piscina cubierta",
            ("Costará 1,9 millones de euros.", "La Diputación paga el 40 % de la obra."),
            "Recordar que el solar lo cedió la cooperativa de aceite.",
        ),
        (
            "Calendario",
            ("El proyecto se presenta en mayo de 2025.", "Se abrirá en el otoño de 2027."),
            "",
        ),
    ):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = "\n".join(lines)
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
    presentation.save(str(path))


def write_workbook(path: Path) -> None:
    """Write a workbook of two sheets."""
    import xlsxwriter

    with xlsxwriter.Workbook(path) as workbook:
        workbook.set_properties({"created": _WRITTEN.replace(tzinfo=None)})
        for name, rows in _SHEETS.items():
            sheet = workbook.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)


_SHEETS: Final[dict[str, Sequence[tuple[str | float, ...]]]] = {
    "Consumo": (
        ("Tramo", "Metros cúbicos al trimestre", "Euros por metro cúbico"),
        ("Primero", "de 0 a 15", 0.42),
        ("Segundo", "de 16 a 40", 0.78),
        ("Tercero", "más de 40", 1.65),
    ),
    "Altas y averías": (
        ("Servicio", "Precio en euros", "Plazo en días"),
        ("Alta de contador", 63.5, 7),
        ("Cambio de titular", 12, 3),
        ("Revisión de una fuga", 0, 2),
    ),
}


def write_visits(path: Path) -> None:
    """Write a table as a Spanish spreadsheet saves it: semicolons, decimal commas, cp1252."""
    rows = (
        "Mes;Visitantes del museo;Nota media;Exposición",
        "Enero;312;8,1;Cerámica de la Hiniesta",
        "Febrero;287;7,9;Cerámica de la Hiniesta",
        "Marzo;641;9,3;Fotografías de la riada de 1962",
        "Abril;598;9,0;Fotografías de la riada de 1962",
    )
    path.write_bytes("".join(f"{row}\r\n" for row in rows).encode("cp1252"))


def write_vehicles(path: Path) -> None:
    """Write a nested JSON."""
    vehicles = {
        "parque": "Vehículos municipales",
        "vehículos": [
            {
                "nombre": "Camión de bomberos",
                "matrícula": "4471 KXD",
                "año": 2011,
                "cochera": "calle del Horno, 3",
            },
            {
                "nombre": "Barredora",
                "matrícula": "9038 MBT",
                "año": 2022,
                "cochera": "nave del polígono",
            },
        ],
    }
    path.write_text(json.dumps(vehicles, ensure_ascii=False, indent=2) + "\n", "utf-8")


def write_notice(path: Path) -> None:
    """Write a mail whose accents are quoted."""
    message = EmailMessage()
    message["Subject"] = "Corte de agua en la calle del Horno"
    message["From"] = "Servicio de Aguas <aguas@valdehiniesta.example>"
    message["To"] = "vecinos@valdehiniesta.example"
    message["Date"] = _WRITTEN
    message.set_content(
        "Estimados vecinos:\n\n"
        "El martes 25 de marzo se cortará el agua en la calle del Horno, de nueve a dos, para "
        "cambiar una válvula de 1974.\n\n"
        "Habrá un camión cisterna junto a la iglesia.\n\n"
        "Si tienes una persona enferma en casa, llama antes al 600 000 112.\n",
        charset="iso-8859-1",
        cte="quoted-printable",
    )
    path.write_bytes(message.as_bytes())


def write_interview(path: Path) -> None:
    """Write the subtitles of an interview."""
    path.write_text(_INTERVIEW, "utf-8", newline="\n")


_INTERVIEW: Final = """1
00:00:02,000 --> 00:00:05,500
¿Desde cuándo muele usted
en el Molino del Conde?

2
00:00:06,000 --> 00:00:10,200
Empecé con mi padre en 1968,
cuando aún se pagaba en harina.

3
00:00:10,400 --> 00:00:14,900
De cada cien kilos de trigo
nos quedábamos con cuatro.

4
00:00:19,000 --> 00:00:23,300
La piedra se pica cada tres semanas;
si no, la harina sale caliente.
"""


def write_festival(path: Path) -> None:
    """Write a text from the days of cp850."""
    text = (
        (
            "PROGRAMA DE FIESTAS DE 1998\r\n\r\n"
            "El pregón lo dará el corresponsal Anselmo Quiñones, desde el balcón\r\n"
            "del ayuntamiento, a las nueve de la noche.\r\n\r\n"
            "La traca final tendrá 1.200 metros de longitud y la pagará la peña\r\n"
            "«El Búho».\r\n"
        )
        .replace("«", '"')
        .replace("»", '"')
    )
    path.write_bytes(text.encode("cp850"))


def write_rules(path: Path) -> None:
    """Write a reStructuredText."""
    path.write_text(
        "Normas del archivo municipal\n"
        "============================\n\n"
        "Consulta\n--------\n\n"
        "Los documentos anteriores a 1900 se consultan con guantes y a lápiz. Se\n"
        "piden con dos días de antelación.\n\n"
        "Copias\n------\n\n"
        "La primera copia digital es gratuita; las demás cuestan 0,30 euros por\n"
        "página.\n",
        "utf-8",
        newline="\n",
    )


def write_bylaw(path: Path) -> None:
    """Write a compressed text."""
    text = (
        "BANDO SOBRE LA NIEVE\n\n"
        "Cada vecino limpia la nieve de su acera antes de las diez de la mañana.\n"
        "La sal se recoge en el parque de bomberos: cinco kilos por casa.\n"
    )
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


WRITERS: Final[dict[str, Callable[[Path], None]]] = {
    "ordenanza-de-terrazas.docx": write_ordinance,
    "acta-del-pleno.odt": write_minutes,
    "guia-de-la-biblioteca.pdf": write_leaflet,
    "autobus.html": write_page,
    "manual-del-regante.epub": write_book,
    "piscina-cubierta.pptx": write_slides,
    "tarifas-del-agua.xlsx": write_workbook,
    "visitas-del-museo.csv": write_visits,
    "vehiculos.json": write_vehicles,
    "corte-de-agua.eml": write_notice,
    "entrevista-al-molinero.srt": write_interview,
    "fiestas-de-1998.txt": write_festival,
    "normas-del-archivo.rst": write_rules,
    "bando-de-la-nieve.txt.gz": write_bylaw,
}


def write_seeds(folder: Path) -> None:
    """Write all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, write in WRITERS.items():
        write(folder / name)
        if name.endswith((".docx", ".odt", ".pptx", ".xlsx")):
            _settle(folder / name)


def _settle(path: Path) -> None:
    """Take out of an archive when it was written, so that it is the same each time."""
    with ZipFile(path) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    with ZipFile(path, "w") as archive:
        for name, data in members:
            info = ZipInfo(name)
            info.compress_type = ZIP_STORED if name == "mimetype" else ZIP_DEFLATED
            archive.writestr(info, _MODIFIED.sub(rb"\g<1>2025-03-20T09:00:00Z\g<2>", data))


_MODIFIED: Final = re.compile(rb"(<(?:dcterms:modified|dc:date)[^>]*>)[^<]*(</)")


if __name__ == "__main__":
    write_seeds(Path(sys.argv[1]) if len(sys.argv) > 1 else _SEEDS)

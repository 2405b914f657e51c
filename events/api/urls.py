"""Everything below /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from events.api.views.about import Root, SchemaView, Status, redoc, swagger
from events.api.views.access import AccessList
from events.api.views.access_diff import AccessDiff
from events.api.views.batch import AccessBatch
from events.api.views.changes import ChangeDetail, ChangeHead, ChangeList
from events.api.views.events import EventList
from events.api.views.export import EventExport
from events.api.views.exports import ExportDetail, ExportFile, ExportList, LatestFile, LatestManifest
from events.api.views.facets import EventFacets, EventHistogram
from events.api.views.records import RecordDetail, RecordHistory, RecordList
from events.api.views.sources import SourceLookup
from events.documents import COLLECTIONS, MODELS
from events.models import Event

app_name = "api"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", Root.as_view(), name="root"),
    # Before the records: these are no slugs of theirs.
    path("events/facets/", EventFacets.as_view(), name="event-facets"),
    path("events/histogram/", EventHistogram.as_view(), name="event-histogram"),
    path("events/export/", EventExport.as_view(), name="event-export"),
    path("sources/lookup/", SourceLookup.as_view(), name="source-lookup"),
    path("changes/", ChangeList.as_view(), name="change-list"),
    path("changes/head/", ChangeHead.as_view(), name="change-head"),
    path("changes/<int:seq>/", ChangeDetail.as_view(), name="change-detail"),
    path("access/", AccessList.as_view(), name="access-list"),
    path("access/batch/", AccessBatch.as_view(), name="access-batch"),
    path("access/diff/", AccessDiff.as_view(), name="access-diff"),
    path("exports/", ExportList.as_view(), name="export-list"),
    path("exports/latest/manifest.json", LatestManifest.as_view(), name="export-manifest"),
    path("exports/latest/<path:file>", LatestFile.as_view(), name="export-latest"),
    path("exports/<int:number>/", ExportDetail.as_view(), name="export-detail"),
    path("exports/<int:number>/<path:file>", ExportFile.as_view(), name="export-file"),
    path("status/", Status.as_view(), name="status"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", swagger, name="docs"),
    path("redoc/", redoc, name="redoc"),
]
for record_type, model in MODELS.items():
    collection = COLLECTIONS[model]
    listing = EventList.as_view() if model is Event else RecordList.of(record_type)
    urlpatterns += [
        path(f"{collection}/", listing, name=f"{record_type.value}-list"),
        path(f"{collection}/<slug:key>/", RecordDetail.of(record_type), name=f"{record_type.value}-detail"),
        path(f"{collection}/<slug:key>/history/", RecordHistory.of(record_type), name=f"{record_type.value}-history"),
    ]

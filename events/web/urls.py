from django.urls import URLPattern, URLResolver, path

from events.web.views import access, access_country, design, events, log, preview, records, site, timeline

urlpatterns: list[URLPattern | URLResolver] = [
    path("", timeline.timeline, name="timeline"),
    path("events/<slug:key>/", events.detail, name="event-detail"),
    path("events/<slug:key>/history/", events.history, name="event-history"),
    path("preview/events/<int:pk>/", preview.event, name="event-preview"),
    path("preview/proposals/<int:pk>/", preview.proposal, name="event-preview-proposal"),
    path("companies/", records.company_list, name="company-list"),
    path("companies/<slug:key>/", records.company_detail, name="company-detail"),
    path("countries/", records.country_list, name="country-list"),
    path("countries/<slug:key>/", records.country_detail, name="country-detail"),
    path("policies/", records.policy_list, name="policy-list"),
    path("policies/<slug:key>/", records.policy_detail, name="policy-detail"),
    path("products/", records.product_list, name="product-list"),
    path("products/<slug:key>/", records.product_detail, name="product-detail"),
    path("agencies/", records.agency_list, name="agency-list"),
    path("agencies/<slug:key>/", records.agency_detail, name="agency-detail"),
    path("access/", access.world_map, name="access-map"),
    path("access/<slug:code>/", access_country.country, name="access-country"),
    path("access/<slug:code>/<slug:slug>/", access.answer_detail, name="access-answer"),
    path("changes/", log.changes, name="change-list"),
    path("corrections/", log.corrections, name="correction-list"),
    path("about/", site.about, name="about"),
    path("data/", site.data, name="data"),
    path("design/", design.design, name="design"),
    path("readyz", site.readyz, name="readyz"),
    path("favicon.ico", site.favicon, name="favicon"),
    path("robots.txt", site.robots, name="robots"),
]

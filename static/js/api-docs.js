// Draws the API's documentation, by Swagger UI or by Redoc, whichever the page has loaded.
"use strict";

const swagger = document.getElementById("swagger-ui");
if (swagger) {
  SwaggerUIBundle({
    url: swagger.dataset.schema,
    domNode: swagger,
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    deepLinking: true,
    defaultModelsExpandDepth: 0,
  });
}

const redoc = document.getElementById("redoc");
if (redoc) {
  Redoc.init(redoc.dataset.schema, { disableSearch: true, hideDownloadButtons: true }, redoc);
}

const place = document.getElementById("api");

SwaggerUIBundle({
  url: place.dataset.document,
  domNode: place,
  deepLinking: true,
  persistAuthorization: false,
  // the default asks a host of the makers of Swagger UI whether the document is valid
  validatorUrl: null,
});

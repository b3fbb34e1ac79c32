const place = document.getElementById("api");

SwaggerUIBundle({
  url: place.dataset.document,
  domNode: place,
  deepLinking: true,
  // a key stays in this page's memory: whoever sits here next has to know it
  persistAuthorization: false,
  displayRequestDuration: true,
  // each operation shows its own; the list of all of them is longer than the rest of the page
  defaultModelsExpandDepth: -1,
  defaultModelExpandDepth: 3,
  // the default asks a host of the makers of Swagger UI whether the document is valid
  validatorUrl: null,
});

"""What the API takes and gives, in marshmallow: checked on the way in, documentation on the way out."""

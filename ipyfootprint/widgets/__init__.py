"""What a person sees in a front end; everything comes in as rows."""

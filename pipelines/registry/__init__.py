"""MLflow: the run of a training, registered versions, champion and challenger."""

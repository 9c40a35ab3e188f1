"""The train stage: from the feature matrix to a model artifact and its MLflow run."""

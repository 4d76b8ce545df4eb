package io.longstrand.model;

/** A float64 matrix of a {@link Tape} with the gradient of the loss by it; elements row after row. */
record Matrix(int rows, int columns, double[] values, double[] gradient) {
    static Matrix of(int rows, int columns, double[] values) {
        if (values.length != rows * columns) {
            throw new IllegalArgumentException(values.length + " values for " + rows + " × " + columns);
        }
        return new Matrix(rows, columns, values, new double[values.length]);
    }

    static Matrix zeros(int rows, int columns) {
        return of(rows, columns, new double[rows * columns]);
    }

    double at(int row, int column) {
        return values[row * columns + column];
    }

    double gradientAt(int row, int column) {
        return gradient[row * columns + column];
    }

    void set(int row, int column, double value) {
        values[row * columns + column] = value;
    }

    void addGradient(int row, int column, double value) {
        gradient[row * columns + column] += value;
    }
}

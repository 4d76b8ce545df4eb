package io.longstrand.zero;

import io.longstrand.comm.Communicator;
import io.longstrand.comm.World;
import io.longstrand.mesh.Axis;
import io.longstrand.mesh.Mesh;
import io.longstrand.model.Parameter;
import io.longstrand.model.ParameterLayout;
import io.longstrand.tensor.Place;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * How the ranks share the parameters of a model (Rajbhandari et al. 2020, ZeRO): the flat space as buckets, of each of
 * which every rank of its group owns one slice. Whoever owns an element updates it, or writes it to a checkpoint.
 */
public final class Partition {
    private final List<Bucket> buckets;

    /** @param buckets cover the flat space in its order, each within one unit */
    public Partition(List<Bucket> buckets) {
        this.buckets = List.copyOf(buckets);
    }

    /**
     * The buckets of a layout: in each unit, adjacent parameters that the same ranks hold.
     *
     * @param world of all ranks
     * @param mesh they are laid out over
     */
    public static Partition over(ParameterLayout layout, World world, Mesh mesh) {
        List<Bucket> buckets = new ArrayList<>();
        List<Parameter> parameters = layout.parameters();
        long start = 0;
        for (int number = 0; number < parameters.size(); number++) {
            Parameter parameter = parameters.get(number);
            boolean last = number + 1 == parameters.size();
            if (last || !together(parameter, parameters.get(number + 1))) {
                long end = last ? layout.elements() : parameters.get(number + 1).offset();
                buckets.add(new Bucket(parameter.unit(), start, end, ranks(parameter, world, mesh)));
                start = end;
            }
        }
        return new Partition(buckets);
    }

    private static boolean together(Parameter one, Parameter next) {
        return one.unit() == next.unit() && one.splitOver().equals(next.splitOver());
    }

    /** In groups of their own: what states exchange is begun on another thread than everything else. */
    private static Communicator ranks(Parameter parameter, World world, Mesh mesh) {
        Set<Axis> along = EnumSet.allOf(Axis.class);
        along.removeAll(parameter.splitOver());
        return world.group("state over " + along, mesh.group(world.rank(), along));
    }

    /** Of a rank that owns everything. */
    public static Partition alone(ParameterLayout layout) {
        return over(layout, World.rehearsal(0, 1), new Mesh(1, 1, 1, 1));
    }

    /** All buckets, in flat order. */
    public List<Bucket> buckets() {
        return buckets;
    }

    /** The buckets of a unit, in flat order. */
    List<Bucket> of(int unit) {
        return buckets.stream().filter(bucket -> bucket.unit() == unit).toList();
    }

    /** Where the ranks have what they tell each other. */
    Place place() {
        return buckets.get(0).ranks().place();
    }

    /** Elements of the flat space. */
    public long elements() {
        return buckets.get(buckets.size() - 1).end();
    }

    /** Elements this rank owns. */
    public long ownElements() {
        return buckets.stream().mapToLong(Bucket::ownElements).sum();
    }
}

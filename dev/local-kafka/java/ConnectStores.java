import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import javax.crypto.spec.SecretKeySpec;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.runtime.AbstractStatus;
import org.apache.kafka.connect.runtime.ConnectorStatus;
import org.apache.kafka.connect.runtime.RestartRequest;
import org.apache.kafka.connect.runtime.SessionKey;
import org.apache.kafka.connect.runtime.TargetState;
import org.apache.kafka.connect.runtime.TaskStatus;
import org.apache.kafka.connect.runtime.TopicStatus;
import org.apache.kafka.connect.runtime.distributed.DistributedConfig;
import org.apache.kafka.connect.storage.ClusterConfigState;
import org.apache.kafka.connect.storage.ConfigBackingStore;
import org.apache.kafka.connect.storage.KafkaConfigBackingStore;
import org.apache.kafka.connect.storage.KafkaOffsetBackingStore;
import org.apache.kafka.connect.storage.KafkaStatusBackingStore;
import org.apache.kafka.connect.storage.OffsetStorageReaderImpl;
import org.apache.kafka.connect.util.ConnectorTaskId;
import org.apache.kafka.connect.util.SharedTopicAdmin;

/**
 * Reads and writes the internal topics of Connect with Kafka's own classes. Arguments: what to do, bootstrap servers, names of topics.
 *
 *   dump <servers> <suffix> <connector,...>   prints what configs<suffix>, offsets<suffix> and status<suffix> hold, as one JSON object
 *   write <servers> <suffix> <connector>      writes one of everything about the connector, and removes another
 *   positions <servers> <config topic,...>    prints the config offset that each topic leads to, one a line
 */
public class ConnectStores {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] args) throws Exception {
        if (args[0].equals("positions")) {
            for (String topic : args[2].split(",")) {
                try (Stores stores = new Stores(args[1], topic, "offsets", "status")) {
                    System.out.println(stores.startConfigs().snapshot().offset());
                }
            }
            return;
        }
        try (Stores stores = new Stores(args[1], "configs" + args[2], "offsets" + args[2], "status" + args[2])) {
            if (args[0].equals("write")) write(stores, args[3]);
            else System.out.println(JSON.writeValueAsString(dump(stores, args[3].split(","))));
        }
    }

    private static Map<String, Object> dump(Stores stores, String[] names) throws Exception {
        ClusterConfigState state = stores.startConfigs().snapshot();
        stores.startStatuses();
        stores.startOffsets();
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("offset", state.offset());
        SessionKey key = state.sessionKey();
        all.put("sessionKey", key == null ? null : List.of(Base64.getEncoder().encodeToString(key.key().getEncoded()), key.key().getAlgorithm(), key.creationTimestamp()));
        all.put("connectors", new TreeSet<>(state.connectors()));
        all.put("connectorsWithStatus", new TreeSet<>(stores.statuses.connectors()));
        for (String name : names) all.put(name, connector(stores, state, name));
        return all;
    }

    private static Map<String, Object> connector(Stores stores, ClusterConfigState state, String name) throws Exception {
        Map<String, Object> all = new LinkedHashMap<>();
        TargetState target = state.targetState(name);
        all.put("config", state.rawConnectorConfig(name));
        all.put("applied", state.appliedConnectorConfig(name));
        all.put("targetState", target == null ? null : target.name());
        all.put("taskCount", state.taskCount(name));
        List<Object> tasks = new ArrayList<>();
        for (ConnectorTaskId id : state.tasks(name)) tasks.add(state.rawTaskConfig(id));
        all.put("taskConfigs", tasks);
        all.put("generation", state.taskConfigGeneration(name));
        all.put("isInconsistent", state.inconsistentConnectors().contains(name));
        all.put("status", status(stores.statuses.get(name)));
        Map<String, Object> statuses = new TreeMap<>();
        for (TaskStatus status : stores.statuses.getAll(name)) statuses.put(String.valueOf(status.id().task()), status(status));
        all.put("taskStatuses", statuses);
        TreeSet<String> topics = new TreeSet<>();
        for (TopicStatus topic : stores.statuses.getAllTopics(name)) topics.add(topic.topic());
        all.put("topics", topics);
        all.put("positions", positions(stores, name));
        return all;
    }

    /** By the text of the source partition with sorted members. */
    private static Map<String, Object> positions(Stores stores, String name) throws Exception {
        Map<String, Object> all = new TreeMap<>();
        stores.offsets.get(List.of()).get(30, TimeUnit.SECONDS);
        try (OffsetStorageReaderImpl reader = new OffsetStorageReaderImpl(stores.offsets, name, converter(true), converter(false))) {
            for (Map<String, Object> partition : stores.offsets.connectorPartitions(name)) {
                all.put(JSON.writeValueAsString(new TreeMap<>(partition)), reader.offset(partition));
            }
        }
        return all;
    }

    private static Map<String, Object> status(AbstractStatus<?> status) throws Exception {
        if (status == null) return null;
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("state", status.state().name());
        all.put("trace", status.trace());
        all.put("workerId", status.workerId());
        all.put("generation", status.generation());
        // From 4.1 on.
        try {
            all.put("version", status.getClass().getMethod("version").invoke(status));
        } catch (NoSuchMethodException older) {
            all.put("version", null);
        }
        return all;
    }

    private static void write(Stores stores, String name) throws Exception {
        KafkaConfigBackingStore configs = stores.startConfigs();
        configs.putSessionKey(new SessionKey(new SecretKeySpec("a key of 32 bytes for HmacSHA256".getBytes(StandardCharsets.UTF_8), "HmacSHA256"), 1729814581000L));
        Map<String, String> config = new HashMap<>(Map.of("name", name, "odd \u001f\"\\", "\u00e9\ud83d\ude00/<", "tasks.max", "2"));
        config.put("nothing", null);
        configs.putConnectorConfig(name, config, TargetState.STOPPED);
        configs.putTaskConfigs(name, List.of(Map.of("task.index", "0"), Map.of("task.index", "1")));
        configs.putTaskConfigs(name, List.of(Map.of("task.index", "0", "new", "yes")));
        configs.putConnectorConfig("removed", Map.of("name", "removed"), null);
        configs.putTaskConfigs("removed", List.of(Map.of()));
        configs.putTargetState("removed", TargetState.PAUSED);
        configs.removeConnectorConfig("removed");
        configs.putTaskCountRecord(name, 3);
        configs.putRestartRequest(new RestartRequest(name, true, false));
        configs.putLoggerLevel("org.x", "DEBUG");
        configs.refresh(30, TimeUnit.SECONDS);
        KafkaStatusBackingStore statuses = stores.startStatuses();
        statuses.put(new ConnectorStatus(name, AbstractStatus.State.RUNNING, "A->B", 7));
        statuses.put(new ConnectorStatus("removed", AbstractStatus.State.RUNNING, "A->B", 7));
        for (int task = 0; task < 2; task++) statuses.put(new TaskStatus(new ConnectorTaskId(name, task), AbstractStatus.State.PAUSED, "A->B", 7));
        statuses.put(new ConnectorStatus("removed", AbstractStatus.State.DESTROYED, "A->B", 8));
        statuses.put(new TaskStatus(new ConnectorTaskId(name, 1), AbstractStatus.State.DESTROYED, "A->B", 8));
        statuses.put(new TopicStatus("A.t1", new ConnectorTaskId(name, 0), 5L));
        statuses.put(new TopicStatus("A.t2", new ConnectorTaskId(name, 0), 5L));
        statuses.flush();
        statuses.deleteTopic(name, "A.t2");
        statuses.flush();
        KafkaOffsetBackingStore offsets = stores.startOffsets();
        Map<ByteBuffer, ByteBuffer> positions = new HashMap<>();
        try (JsonConverter keys = converter(true); JsonConverter values = converter(false)) {
            for (int partition = 0; partition < 3; partition++) {
                // Not copied from another map: a copy has fewer buckets, and so writes its members in another order.
                Map<String, Object> source = new HashMap<>();
                source.put("cluster", "A");
                source.put("topic", "t\u001f1");
                source.put("partition", partition);
                byte[] value = partition == 2 ? null : values.fromConnectData("offsets", null, Map.of("offset", 9007199254740993L + partition));
                positions.put(ByteBuffer.wrap(keys.fromConnectData("offsets", null, List.of(name, source))), value == null ? null : ByteBuffer.wrap(value));
            }
        }
        offsets.set(positions, (error, nothing) -> { }).get(30, TimeUnit.SECONDS);
    }

    private static JsonConverter converter(boolean isKey) {
        JsonConverter converter = new JsonConverter();
        converter.configure(Map.of("schemas.enable", "false"), isKey);
        return converter;
    }

    private static class Stores implements AutoCloseable {
        private final DistributedConfig config;
        private final SharedTopicAdmin admin;
        private final List<Runnable> stops = new ArrayList<>();
        private KafkaStatusBackingStore statuses;
        private KafkaOffsetBackingStore offsets;

        Stores(String servers, String configTopic, String offsetTopic, String statusTopic) {
            Map<String, String> settings = new HashMap<>();
            settings.put("bootstrap.servers", servers);
            settings.put("group.id", "unused");
            for (String converter : List.of("key.converter", "value.converter")) settings.put(converter, "org.apache.kafka.connect.json.JsonConverter");
            Map<String, String> topics = Map.of("config", configTopic, "offset", offsetTopic, "status", statusTopic);
            topics.forEach((store, topic) -> {
                settings.put(store + ".storage.topic", topic);
                settings.put(store + ".storage.replication.factor", "1");
            });
            config = new DistributedConfig(settings);
            admin = new SharedTopicAdmin(Map.of("bootstrap.servers", servers));
        }

        KafkaConfigBackingStore startConfigs() {
            KafkaConfigBackingStore configs = new KafkaConfigBackingStore(converter(false), config, null, admin, "test");
            Class<ConfigBackingStore.UpdateListener> listener = ConfigBackingStore.UpdateListener.class;
            configs.setUpdateListener(listener.cast(Proxy.newProxyInstance(listener.getClassLoader(), new Class<?>[] {listener}, (proxy, method, values) -> null)));
            stops.add(configs::stop);
            configs.start();
            return configs;
        }

        KafkaStatusBackingStore startStatuses() {
            statuses = new KafkaStatusBackingStore(Time.SYSTEM, converter(false), admin, "test");
            statuses.configure(config);
            stops.add(statuses::stop);
            statuses.start();
            return statuses;
        }

        KafkaOffsetBackingStore startOffsets() {
            offsets = new KafkaOffsetBackingStore(admin, () -> "test", converter(true));
            offsets.configure(config);
            stops.add(offsets::stop);
            offsets.start();
            return offsets;
        }

        @Override
        public void close() {
            stops.forEach(Runnable::run);
            admin.close();
        }
    }
}
